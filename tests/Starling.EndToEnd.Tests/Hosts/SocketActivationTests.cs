using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Starling.EndToEnd.Tests.Hosts;

public sealed class SocketActivationTests
{
    private const string Activate = "/usr/bin/systemd-socket-activate";

    [Fact]
    public async Task The_host_serves_on_a_socket_that_it_is_passed_and_drains()
    {
        Assert.SkipUnless(File.Exists(Activate), "systemd-socket-activate of the Debian package systemd is not installed.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var folder = Directory.CreateTempSubdirectory("starling-");
        var port = FreePort();
        using var process = Process.Start(new ProcessStartInfo(
            Activate, ["-l", $"127.0.0.1:{port}", "-E", "PATH", "-E", "HOME", "-E", "DOTNET_ROOT", "dotnet", Repository.Host, "serve", "--data", folder.FullName])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Assert.Contains("Listening on", await process.StandardError.ReadLineAsync(limit.Token));
            _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            using var client = new HttpClient();
            Assert.Equal("Healthy", await client.GetStringAsync($"http://127.0.0.1:{port}/healthz", limit.Token));
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(0, process.ExitCode);
            Assert.Contains("1 connections finished, 0 were cut", await output);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
            }

            folder.Delete(recursive: true);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
