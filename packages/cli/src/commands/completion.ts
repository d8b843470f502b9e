import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { verboseOption } from './options.js'

const help = `
Examples:
  $ dlkit completion bash >> ~/.bashrc
  $ dlkit completion zsh >> ~/.zshrc
  $ dlkit completion fish > ~/.config/fish/completions/dlkit.fish`

/** @param program gives the commands once all are defined. */
export function completionCommand(finish: (exitCode: number) => void, program: () => CommandUnknownOpts) {
  return new Command('completion')
    .description('print what makes a shell complete commands and options')
    .argument('<shell>', 'bash, zsh or fish')
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (shell) => {
      const { completionAction } = await import('../actions/completion.js')
      finish(completionAction(shell, program()))
    })
}
