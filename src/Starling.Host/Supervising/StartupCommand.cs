using System.CommandLine;
using Starling.Supervisor;

namespace Starling.Host.Supervising;

/// <summary><c>starling startup</c>: a unit of systemd that brings everything back after a boot.</summary>
internal static class StartupCommand
{
    public static Command Create()
    {
        var command = new Command("startup", "Print a systemd unit that starts the supervisor, and what was saved, with the machine.");
        command.SetAction((_, _) =>
        {
            var folder = new SupervisorFolder();
            var keeper = SelfProgram.Background(folder, "keeper");
            var program = string.Join(' ', keeper.Arguments.SkipLast(1).Prepend(keeper.FileName).Select(Quote));
            Console.WriteLine($"""
                # Install it, as root:
                #   starling startup > /etc/systemd/system/starling.service && systemctl daemon-reload && systemctl enable --now starling
                # and write down what is to run: starling save
                [Unit]
                Description=Starling supervisor of {folder.Path}
                After=network.target

                [Service]
                Type=simple
                User={Environment.UserName}
                Environment={Quote($"{SupervisorFolder.Variable}={folder.Path}")}
                Environment={Quote($"PATH={Environment.GetEnvironmentVariable("PATH")}")}
                ExecStart={program} keeper
                ExecStartPost=-{program} resurrect
                ExecStop={program} kill
                KillMode=mixed
                LimitNOFILE=1048576
                Restart=on-failure

                [Install]
                WantedBy=multi-user.target
                """);
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary><c>starling unstartup</c>: takes that unit away.</summary>
    public static Command CreateRemoval()
    {
        var command = new Command("unstartup", "Print the commands that remove the systemd unit of 'startup'.");
        command.SetAction(_ => Console.WriteLine("""
            # Run it, as root: starling unstartup | sh
            systemctl disable --now starling
            rm -f /etc/systemd/system/starling.service
            systemctl daemon-reload
            """));
        return command;
    }

    // A percent sign begins a specifier of systemd.
    private static string Quote(string text)
    {
        var escaped = text.Replace("%", "%%", StringComparison.Ordinal);
        return escaped.Contains(' ', StringComparison.Ordinal) ? $"\"{escaped}\"" : escaped;
    }
}
