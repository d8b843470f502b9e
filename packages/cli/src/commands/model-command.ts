import { Command } from '@commander-js/extra-typings'
import {
  batchOption,
  checkedFile,
  dataOption,
  engineOption,
  jsonOption,
  presetOption,
  quietOption,
  seedOption,
  sizeOption,
  verboseOption,
} from './options.js'

/** A command on a model of the user's own, or on the colouring network where no file is named. */
export const modelCommand = (name: string, description: string) =>
  new Command(name)
    .description(description)
    .argument(...checkedFile)
    .option(...batchOption)
    .option(...seedOption)
    .option(...presetOption)
    .option(...dataOption)
    .option(...sizeOption)
    .option(...engineOption)
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
