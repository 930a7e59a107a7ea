import { readFileSync } from 'node:fs';
import { type CommandParser, defineScript } from '@redis/client';

/** A record as Redis has it: its values as JSON. */
export type Fields = Map<string, string>;

/** Each script is one change or one answer as a whole: Redis runs nothing else meanwhile. */
export const scripts = {
  save: script<Fields | null>('save'),
  list: script<Fields[]>('list'),
  remove: script<number>('remove'),
};

function script<Reply>(name: string) {
  return defineScript({
    SCRIPT: readFileSync(new URL(`scripts/${name}.lua`, import.meta.url), 'utf8'),
    parseCommand(parser: CommandParser, keys: string[], values: string[]) {
      parser.pushKeysLength(keys);
      parser.push(...values);
    },
    transformReply: (reply: Reply) => reply,
  });
}
