using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Starling.Conformance.Tests;

/// <summary>
/// A hostile client attacks a server while ten of npm's clients type, from before the first attack until after the last. The attacks last as many
/// seconds as the environment variable STARLING_HOSTILE_SECONDS says, 6 by default; STARLING_HOSTILE_P99 bounds the 99th percentile of the
/// acknowledgements in milliseconds, 2,000 by default, since other tests may load the machine. The server with SQLite has a heap of 400 MB. From
/// 60 seconds on its memory has to be back after the disconnect, when idle documents have left it.
/// </summary>
public sealed class HostileClientTests
{
    private const string HeapLimit = "0x17D78400";

    // What the server keeps for good: buffers that are used again, compiled code, statements. The attacks send gigabytes.
    private const long MaxKeptBytes = 60_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Costs_those_who_type_no_letter_and_little_time(bool sqlite)
    {
        var seconds = Number("STARLING_HOSTILE_SECONDS") ?? 6;
        var folder = Directory.CreateTempSubdirectory("starling-hostile-");
        using var server = Start(sqlite ? Path.Combine(folder.FullName, "documents.db") : null);
        try
        {
            var url = await ListeningAsync(server);
            using var http = new HttpClient();
            var before = await MemoryAsync(http, url);
            var (typing, attacks) = await AttackAsync(url, seconds, sqlite);
            var after = await MemoryAsync(http, url);
            for (var wait = 0; sqlite && seconds >= 60 && wait < 20 && after > before + MaxKeptBytes; wait++)
            {
                await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
                after = await MemoryAsync(http, url);
            }

            var result = $"{typing.ToJsonString()} {attacks.ToJsonString()}, {before} bytes before, {after} after";
            TestContext.Current.TestOutputHelper?.WriteLine(result);
            Assert.False(server.HasExited, result);
            Assert.True(typing["seconds"]!.GetValue<double>() >= seconds, result);
            Assert.True(typing["typed"]!.GetValue<int>() > 20, result);
            Assert.True(typing["lost"]!.GetValue<int>() == 0, result);
            Assert.True(typing["refused"]!.GetValue<int>() == 0, result);
            Assert.True(typing["closed"]!.GetValue<int>() == 0, result);
            Assert.True(typing["p99"]!.GetValue<double>() < (Number("STARLING_HOSTILE_P99") ?? 2_000), result);
            Assert.True(attacks["errors"]!["ERR_DOC_TOO_LARGE"]!.GetValue<int>() > 0, result);
            Assert.True(attacks["errors"]!["ERR_OP_TOO_LARGE"]!.GetValue<int>() > 0, result);
            Assert.True(attacks["marks"]!["stored"]!.GetValue<int>() > 0, result);
            Assert.True(attacks["marks"]!["wrong"]!.GetValue<int>() == 0, result);
            Assert.True(!sqlite || seconds < 60 || after < before + MaxKeptBytes, result);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }

        folder.Delete(recursive: true);
    }

    // The typists begin before the attacks and end after them.
    private static async Task<(JsonNode Typing, JsonNode Attacks)> AttackAsync(string url, int seconds, bool sqlite)
    {
        var settings = JsonSerializer.Serialize(
            new { url = url.Replace("http:", "ws:", StringComparison.Ordinal) + "/", seconds, fillsStore = sqlite });
        using var typing = Node("typing.cjs", settings);
        using var hostile = Node("hostile.cjs", settings);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds((2 * seconds) + 240));
        try
        {
            Assert.Equal("typing", await typing.StandardOutput.ReadLineAsync(limit.Token));
            await hostile.StandardInput.WriteLineAsync("attack");
            var attacks = await hostile.StandardOutput.ReadToEndAsync(limit.Token);
            await hostile.WaitForExitAsync(limit.Token);
            typing.StandardInput.Close();
            var typed = await typing.StandardOutput.ReadToEndAsync(limit.Token);
            await typing.WaitForExitAsync(limit.Token);
            return (JsonNode.Parse(typed)!, JsonNode.Parse(attacks)!);
        }
        finally
        {
            foreach (var process in (Process[])[typing, hostile])
            {
                if (!process.HasExited)
                {
                    process.Kill();
                }
            }
        }
    }

    private static Process Node(string script, string settings) => Process.Start(
        new ProcessStartInfo("node", ["sharedb/" + script, settings])
        {
            WorkingDirectory = NodeScenario.Folder(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    private static async Task<long> MemoryAsync(HttpClient http, string url) => long.Parse(
        await http.GetStringAsync(new Uri(url + "/memory"), TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);

    private static Process Start(string? database)
    {
        // The server of the same configuration, which is built beside the tests.
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(own.Parent!.Parent!.FullName, "Starling.Conformance.Server", own.Name, "Starling.Conformance.Server.dll");
        var start = new ProcessStartInfo(
            "dotnet",
            [
                program, database is null ? "documents-memory" : "documents-sqlite", "--urls", "http://127.0.0.1:0", "--database", database ?? "",
                "--operations", "500", "--Logging:LogLevel:Default", "Warning",
            ])
        {
            RedirectStandardOutput = true,
        };
        if (database is not null)
        {
            // A store in memory holds all that was ever stored, so it has no limit.
            start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        }

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
