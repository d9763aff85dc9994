using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Starling.Conformance.Tests;

/// <summary>
/// A hostile client attacks a server of 400 MB while ten of npm's clients type. How many seconds the environment variable STARLING_HOSTILE_SECONDS
/// says, 6 by default; STARLING_HOSTILE_P99 bounds the 99th percentile of the acknowledgements in milliseconds, 2,000 by default, since other tests
/// may load the machine. From 60 seconds on the memory has to be back after the disconnect, when idle documents have left it.
/// </summary>
public sealed class HostileClientTests
{
    private const string HeapLimit = "0x17D78400";
    private const long MaxKeptBytes = 60_000_000;

    [Fact]
    public async Task Costs_those_who_type_no_letter_and_little_time()
    {
        var seconds = Number("STARLING_HOSTILE_SECONDS") ?? 6;
        var folder = Directory.CreateTempSubdirectory("starling-hostile-");
        using var server = Start(Path.Combine(folder.FullName, "documents.db"));
        try
        {
            var url = await ListeningAsync(server);
            using var http = new HttpClient();
            var before = await MemoryAsync(http, url);
            var limit = TimeSpan.FromSeconds(seconds + 90);
            var hostile = NodeScenario.RunScriptAsync(["sharedb/hostile.cjs", Settings(url, seconds)], [], limit);
            var typing = JsonNode.Parse(await NodeScenario.RunScriptAsync(["sharedb/typing.cjs", Settings(url, seconds)], [], limit))!;
            var attacks = JsonNode.Parse(await hostile)!;
            var after = await MemoryAsync(http, url);
            for (var wait = 0; seconds >= 60 && wait < 20 && after > before + MaxKeptBytes; wait++)
            {
                await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
                after = await MemoryAsync(http, url);
            }

            var result = $"{typing.ToJsonString()} {attacks.ToJsonString()}, {before} bytes before, {after} after";
            TestContext.Current.TestOutputHelper?.WriteLine(result);
            Assert.False(server.HasExited, result);
            Assert.True(typing["typed"]!.GetValue<int>() > 20, result);
            Assert.True(typing["lost"]!.GetValue<int>() == 0, result);
            Assert.True(typing["closed"]!.GetValue<int>() == 0, result);
            Assert.True(typing["p99"]!.GetValue<double>() < (Number("STARLING_HOSTILE_P99") ?? 2_000), result);
            Assert.True(attacks["errors"]!["ERR_DOC_TOO_LARGE"]!.GetValue<int>() > 0, result);
            Assert.True(attacks["errors"]!["ERR_OP_TOO_LARGE"]!.GetValue<int>() > 0, result);
            Assert.True(seconds < 60 || after < before + MaxKeptBytes, result);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }

        folder.Delete(recursive: true);
    }

    private static string Settings(string url, int seconds) =>
        JsonSerializer.Serialize(new { url = url.Replace("http:", "ws:", StringComparison.Ordinal) + "/", seconds });

    private static async Task<long> MemoryAsync(HttpClient http, string url) => long.Parse(
        await http.GetStringAsync(new Uri(url + "/memory"), TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);

    private static Process Start(string database)
    {
        // The server of the same configuration, which is built beside the tests.
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(own.Parent!.Parent!.FullName, "Starling.Conformance.Server", own.Name, "Starling.Conformance.Server.dll");
        var start = new ProcessStartInfo(
            "dotnet",
            [
                program, "documents-sqlite", "--urls", "http://127.0.0.1:0", "--database", database, "--operations", "500",
                "--Logging:LogLevel:Default", "Warning",
            ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        return Process.Start(start)!;
    }

    private static async Task<string> ListeningAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("listening ", StringComparison.Ordinal))
            {
                _ = server.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return line["listening ".Length..];
            }
        }

        throw new InvalidOperationException("The server ended before it listened.");
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
