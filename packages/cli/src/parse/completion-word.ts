/** The first word of a call by which the script of a shell asks for completions; nothing that is typed. */
export const completionWord = '__complete';
