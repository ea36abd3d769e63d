import type { Command } from '../command.js';
import { diracCommands } from '../dirac-names.js';
import { UsageError } from '../exit-codes.js';
import { plainResult } from '../output/result.js';
import { completionWord } from '../parse/completion-word.js';

export const completion: Command = {
  positionals: [{ name: 'SHELL', describe: 'bash or zsh', required: true }],
  options: {},
  examples: [
    ['bash > ~/.local/share/bash-completion/completions/dirac-s3', 'For bash'],
    ['zsh > ~/.zfunc/_dirac-s3', 'For zsh, in a directory of its fpath'],
  ],
  notes:
    "Commands, options and the StorageElements of the local configuration are completed, files elsewhere; also for DIRAC's names, where they " +
    'are installed.',
  readOnly: true,
  run: (_, args) => {
    const [shell = ''] = args.positionals;
    const script = shell === 'bash' ? bashScript() : shell === 'zsh' ? zshScript() : undefined;
    if (script === undefined) throw new UsageError(`there is no completion for "${shell}", only for bash and zsh`);
    return Promise.resolve(plainResult(script, { script }));
  },
};

function programNames(): string {
  return ['dirac-s3', ...diracCommands().map(({ diracName }) => diracName)].join(' ');
}

/** The word that is being typed goes last; without candidates the shell completes files (`-o default`). */
function bashScript(): string {
  return `# Completion of dirac-s3 for bash
_dirac_s3() {
  local IFS=$'\\n'
  COMPREPLY=($(dirac-s3 ${completionWord} "\${COMP_WORDS[0]##*/}" "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _dirac_s3 ${programNames()}
`;
}

function zshScript(): string {
  return `#compdef ${programNames()}
# Completion of dirac-s3 for zsh
_dirac_s3() {
  local -a found
  found=("\${(@f)$(dirac-s3 ${completionWord} "\${words[1]:t}" "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then
    compadd -- "\${found[@]}"
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _dirac_s3 || "\${funcstack[1]}" == _dirac-s3 ]]; then
  _dirac_s3 "$@"
else
  compdef _dirac_s3 ${programNames()}
fi
`;
}
