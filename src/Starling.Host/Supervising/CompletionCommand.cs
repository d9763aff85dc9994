using System.CommandLine;

namespace Starling.Host.Supervising;

/// <summary><c>starling completion SHELL</c>: what a shell needs to complete commands, options and names of what runs.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # Put this into ~/.bashrc: source <(starling completion bash)
        _starling() { local IFS=$'\n'; COMPREPLY=($(compgen -W "$(starling "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")); }
        complete -o default -F _starling starling
        """;

    private const string Zsh = """
        # Put this into ~/.zshrc: source <(starling completion zsh)
        _starling() { local -a found; found=("${(@f)$(starling "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}"); compadd -- $found; _files; }
        compdef _starling starling
        """;

    private const string Fish = """
        # Put this into ~/.config/fish/completions/starling.fish
        complete -c starling -a '(starling "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print what a shell needs to complete commands.") { shell };
        command.SetAction(parsed => Console.WriteLine(parsed.GetRequiredValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        }));
        return command;
    }
}
