const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file is in the way',
  EISDIR: 'it is a folder, not a file',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'a part of the path is a file',
  EPERM: 'not permitted',
  EROFS: 'the disk is read-only',
}

/** Why a file operation failed, in a few words for a message: without stack, system call and repeated path. */
export function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is no valid JSON'
  const code = (error as NodeJS.ErrnoException).code
  const words = code === undefined ? undefined : REASONS[code]
  return words === undefined ? (error as Error).message : `${words}, ${code}`
}
