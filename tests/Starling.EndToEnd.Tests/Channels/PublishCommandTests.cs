using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Channels;

/// <summary><c>starling publish</c> says what keeps it from publishing.</summary>
public sealed class PublishCommandTests
{
    [Fact]
    public async Task Without_a_server_key_or_token_it_says_what_to_do()
    {
        var folder = Directory.CreateTempSubdirectory("starling-").FullName;

        var (exitCode, _, error) = await HostProcess.RunAsync(["publish", "t", "--data", folder], TestContext.Current.CancellationToken, "x\n");
        var (remoteExitCode, _, remoteError) = await HostProcess.RunAsync(
            ["publish", "t", "--hub", "https://hub.example/.well-known/mercure"], TestContext.Current.CancellationToken, "x\n");

        Directory.Delete(folder, recursive: true);
        Assert.Equal((1, 1), (exitCode, remoteExitCode));
        Assert.Contains("starling serve", error, StringComparison.Ordinal);
        Assert.Contains("--token", remoteError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_the_hub_refuses_is_reported_with_the_reason()
    {
        var folder = Directory.CreateTempSubdirectory("starling-").FullName;
        await using (var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken, folder))
        {
            var (exitCode, _, error) = await HostProcess.RunAsync(
                ["publish", "/.well-known/mercure/x", "--hub", host.Url + "/.well-known/mercure", "--data", folder], TestContext.Current.CancellationToken, "x\n");

            Assert.Equal(1, exitCode);
            Assert.Contains("reserved", error, StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_says_so()
    {
        var folder = Directory.CreateTempSubdirectory("starling-").FullName;
        await using (await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken, folder))
        {
            var (exitCode, _, error) = await HostProcess.RunAsync(
                ["serve", "--urls", "http://127.0.0.1:0", "--data", folder], TestContext.Current.CancellationToken);

            Assert.Equal(1, exitCode);
            Assert.Contains("--data", error, StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }
}
