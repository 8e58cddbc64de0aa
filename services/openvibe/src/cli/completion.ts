import type { Argument, Option } from "commander";
import { print } from "./print.ts";
import type { CliCommand } from "./tree/cli-command.ts";
import type { Shell } from "./tree/shell.ts";

/** A command as a completion sees it. */
interface Place {
  /** `/runs/ls`; empty for `openvibe` itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly what: string }[];
  readonly options: readonly Flag[];
  /** What the first argument may be. */
  readonly values: readonly string[];
  readonly takesFiles: boolean;
}

interface Flag {
  readonly flag: string;
  readonly what: string;
  readonly takes: "nothing" | "file" | "value";
  readonly values: readonly string[];
}

const HELP: Flag = { flag: "--help", what: "show this help", takes: "nothing", values: [] };

const SCRIPTS: Readonly<Record<Shell, (places: readonly Place[]) => string>> = { bash: toBash, zsh: toZsh, fish: toFish };

/** `openvibe completion <shell>`: made from the tree of commands, so that it knows all of them. */
export function printCompletion(shell: Shell, program: CliCommand): void {
  print(SCRIPTS[shell](placesOf(program, "", program.options)).trimEnd());
}

function placesOf(command: CliCommand, path: string, globals: readonly Option[]): readonly Place[] {
  const commands = command.commands as readonly CliCommand[];
  const [first] = command.registeredArguments as readonly Argument[];
  const options = [...new Set([...command.options, ...globals])].map(
    (option): Flag => ({
      flag: option.long ?? option.flags,
      what: option.description,
      takes: !option.required ? "nothing" : option.flags.includes("<file>") ? "file" : "value",
      values: option.argChoices ?? [],
    }),
  );
  const own: Place = {
    path,
    commands: commands.map((each) => ({ name: each.name(), what: each.description() })),
    options: [...options, HELP],
    values: first?.argChoices ?? [],
    takesFiles: first !== undefined && /files|folder/.test(first.name()),
  };
  return [own, ...commands.flatMap((each) => placesOf(each, `${path}/${each.name()}`, globals))];
}

/** The lines of a shell's `case` that finds where the words typed so far lead. */
function steps(places: readonly Place[], assign: (path: string) => string): string {
  return places.flatMap(({ path }) => (path === "" ? [] : [`      ${quote(path)}) ${assign(path)} ;;`])).join("\n");
}

/** What a `case` over `place:word before` answers, for the options that take a value. Of most values nothing can be known. */
function valuesByOption(places: readonly Place[], few: (values: string) => string, file: string): string {
  return places
    .flatMap(({ path, options }) =>
      options.flatMap(({ flag, takes, values }) => {
        if (takes === "nothing") return [];
        return [`    ${quote(`${path}:${flag}`)}) ${values.length > 0 ? few(values.join(" ")) : takes === "file" ? file : "return"} ;;`];
      }),
    )
    .join("\n");
}

function wordsByPlace(places: readonly Place[], words: (place: Place) => string): string {
  return places.map((place) => `    ${quote(place.path)}) ${words(place)} ;;`).join("\n");
}

function wordsOf({ commands, values }: Place): string {
  return [...commands.map(({ name }) => name), ...values].join(" ");
}

function flagsOf({ options }: Place): string {
  return options.map(({ flag }) => flag).join(" ");
}

function toBash(places: readonly Place[]): string {
  return `# openvibe, in bash: eval "$(openvibe completion bash)"
_openvibe() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place="" words="" flags="" files="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place/\${COMP_WORDS[i]}" in
${steps(places, (path) => `place=${quote(path)}`)}
    esac
  done
  case "$place:$before" in
${valuesByOption(places, (values) => `COMPREPLY=($(compgen -W ${quote(values)} -- "$word")); return`, `COMPREPLY=($(compgen -f -- "$word")); return`)}
  esac
  case "$place" in
${wordsByPlace(places, (place) => `words=${quote(wordsOf(place))} flags=${quote(flagsOf(place))} files=${place.takesFiles ? "yes" : quote("")}`)}
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ -n $files ]]; then COMPREPLY=($(compgen -f -- "$word"))
  else COMPREPLY=($(compgen -W "$words" -- "$word")); fi
}
complete -o filenames -F _openvibe openvibe
`;
}

function toZsh(places: readonly Place[]): string {
  return `#compdef openvibe
# openvibe, in zsh: openvibe completion zsh > a folder of $fpath/_openvibe, or eval "$(openvibe completion zsh)" after compinit
_openvibe() {
  local word="\${words[CURRENT]}" before="\${words[CURRENT-1]}" place="" found="" flags="" files="" i
  for ((i = 2; i < CURRENT; i++)); do
    case "$place/\${words[i]}" in
${steps(places, (path) => `place=${quote(path)}`)}
    esac
  done
  case "$place:$before" in
${valuesByOption(places, (values) => `compadd -- ${values}; return`, "_files; return")}
  esac
  case "$place" in
${wordsByPlace(places, (place) => `found=${quote(wordsOf(place))} flags=${quote(flagsOf(place))} files=${place.takesFiles ? "yes" : quote("")}`)}
  esac
  if [[ $word == -* ]]; then compadd -- \${=flags}
  elif [[ -n $files ]]; then _files
  else compadd -- \${=found}; fi
}
if [[ \${funcstack[1]} == _openvibe ]]; then _openvibe "$@"; else compdef _openvibe openvibe; fi
`;
}

function toFish(places: readonly Place[]): string {
  const lines = places.flatMap((place) => {
    const here = `complete -c openvibe -n "__openvibe_is_at ${quote(place.path)}"`;
    return [
      ...place.commands.map(({ name, what }) => `${here} -f -a ${quote(name)} -d ${quote(plain(what))}`),
      ...(place.values.length > 0 ? [`${here} -f -a ${quote(place.values.join(" "))}`] : []),
      ...(place.takesFiles ? [`${here} -F`] : []),
      ...place.options.map(({ flag, what, takes, values }) => {
        const value =
          takes === "nothing" ? "" : takes === "file" ? " -r" : ` -x${values.length > 0 ? ` -a ${quote(values.join(" "))}` : ""}`;
        return `${here} -l ${flag.replace(/^--/, "")}${value} -d ${quote(plain(what))}`;
      }),
    ];
  });
  return `# openvibe, in fish: openvibe completion fish > ~/.config/fish/completions/openvibe.fish
function __openvibe_is_at
  set -l place ''
  for word in (commandline -opc)[2..-1]
    switch "$place/$word"
${places.flatMap(({ path }) => (path === "" ? [] : [`      case ${quote(path)}\n        set place ${quote(path)}`])).join("\n")}
    end
  end
  test "$place" = "$argv[1]"
end
complete -c openvibe -f
${lines.join("\n")}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A description as one short line without quotes of its own. */
function plain(text: string): string {
  return text.replaceAll(/['\\]/g, "").split("\n", 1)[0]?.slice(0, 100) ?? "";
}
