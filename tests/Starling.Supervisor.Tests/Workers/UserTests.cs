using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

/// <summary>Applications that run as another user than the supervisor, which is root.</summary>
public sealed class UserTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_of_another_user_reach_the_socket_of_their_notifications_and_the_folder_of_their_cluster()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root may start programs as another user.");
        await using var test = await TestSupervisor.StartAsync();
        var app = new AppConfig
        {
            Name = "app",
            Script = "unused",
            Interpreter = "/bin/sh",
            InterpreterArgs = ["-c", """touch "$STARLING_CLUSTER/mine" && perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0); send(S, "READY=1", 0, sockaddr_un($ENV{NOTIFY_SOCKET})) or die $!' && exec sleep 600"""],
            Cwd = "/",
            Instances = 2,
            User = "nobody",
            WaitReady = true,
            MaxRestarts = 1,
            ListenTimeout = TimeSpan.FromSeconds(60),
        };
        var started = await test.StartAsync(app);
        Assert.All(started, worker => Assert.Equal((WorkerStatus.Online, (string?)null), (worker.Status, worker.Reason)));
        var tail = await test.Supervisor.TailAsync("app", 10, Cancelled);
        Assert.Empty(tail);
    }

    [Fact]
    public async Task Links_in_a_log_folder_that_the_user_owns_lead_nowhere()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root may start programs as another user.");
        await using var test = await TestSupervisor.StartAsync();
        var root = Directory.CreateTempSubdirectory("starling-user-").FullName;
        try
        {
            var (secret, logs) = (Path.Combine(root, "secret"), Directory.CreateDirectory(Path.Combine(root, "logs")).FullName);
            await File.WriteAllTextAsync(secret, "secret\n", Cancelled);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                File.SetUnixFileMode(root, (UnixFileMode)0b111_101_101);
            }

            using (var chown = System.Diagnostics.Process.Start("chown", ["nobody", logs]))
            {
                await chown.WaitForExitAsync(Cancelled);
            }

            File.CreateSymbolicLink(Path.Combine(logs, "out.log"), secret);
            var app = new AppConfig
            {
                Name = "app",
                Script = "unused",
                Interpreter = "/bin/sh",
                InterpreterArgs = ["-c", "echo to out; echo to error >&2; exec sleep 600"],
                Cwd = "/",
                User = "nobody",
                Log = new LogConfig { OutFile = Path.Combine(logs, "out.log"), ErrorFile = Path.Combine(logs, "error.log"), Merge = true },
            };
            await test.StartAsync(app);
            await Shell.WaitUntilAsync(() => File.Exists(Path.Combine(logs, "error.log")) && File.ReadAllText(Path.Combine(logs, "error.log")) == "to error\n", "the other log");
            Assert.Equal("secret\n", await File.ReadAllTextAsync(secret, Cancelled));
            Assert.DoesNotContain(await test.Supervisor.TailAsync("app", 10, Cancelled), line => line.Text == "secret");
            await Assert.ThrowsAnyAsync<Exception>(() => test.Supervisor.FlushAsync("app", Cancelled));
            Assert.Equal("secret\n", await File.ReadAllTextAsync(secret, Cancelled));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
