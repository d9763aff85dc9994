using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Tests.Workers;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Routing;

public sealed class RoutingTests
{
    private const string Sender = """
        let n = 0;
        process.send({ cmd: 'STARLING_ROUTE', to: 'nobody', message: 1 });
        process.send({ cmd: 'STARLING_ROUTE', message: 1 });
        setInterval(() => {
          process.send({ cmd: 'STARLING_ROUTE', to: 'nobody', message: 2 });
          process.send({ cmd: 'STARLING_ROUTE', to: 'receiver', message: { n: n++, from: 'a liar' } });
        }, 20);
        """;

    private const string Receiver = "process.on('message', message => console.log(JSON.stringify(message)));";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_goes_to_every_process_of_the_application_it_names_and_says_whose_it_is()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("receiver", Receiver, "node") with { Instances = 2 });
        var sender = (await test.StartAsync(test.Script("sender", Sender, "node"))).Single();
        foreach (var receiver in (string[])["0", "1"])
        {
            var lines = await LinesAsync(test, receiver, 3);
            var messages = lines.Select(line => JsonElement.Parse(line)).ToArray();
            Assert.All(messages, message =>
            {
                Assert.Equal("STARLING_ROUTED", message.GetProperty("cmd").GetString());
                Assert.Equal("sender", message.GetProperty("from").GetString());
                Assert.Equal((sender.Id, sender.Pid), (message.GetProperty("worker").GetInt32(), message.GetProperty("pid").GetInt32()));
            });
            var numbers = messages.Select(message => message.GetProperty("message").GetProperty("n").GetInt32()).ToArray();
            Assert.Equal(Enumerable.Range(numbers[0], numbers.Length), numbers);
        }
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_logged_once()
    {
        var folder = Directory.CreateTempSubdirectory("starling-sup-").FullName;
        try
        {
            using var log = new WarningLog();
            using var loggers = LoggerFactory.Create(builder => builder.AddProvider(log));
            await using (var supervisor = await LocalSupervisor.StartAsync(new SupervisorOptions { Folder = Path.Combine(folder, "home"), LoggerFactory = loggers }, Cancelled))
            {
                var script = Path.Combine(folder, "sender.js");
                await File.WriteAllTextAsync(script, Sender + "setInterval(() => process.send('seen'), 20);", Cancelled);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
                limit.CancelAfter(TimeSpan.FromSeconds(60));
                var heard = supervisor.ListenAsync(limit.Token).Where(happened => happened.Kind == SupervisorEventKind.Message).Take(10).ToArrayAsync(limit.Token).AsTask();
                await supervisor.StartAsync(
                    [new WorkerGroupRecord(
                        new AppConfig { Name = "sender", Script = script, Interpreter = "node", Cwd = folder },
                        new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! },
                        null)],
                    Cancelled);

                // What is passed on is no event; what is for the supervisor is one.
                Assert.All(await heard, happened => Assert.Equal("\"seen\"", happened.Data));
            }

            Assert.Single(log.Warnings, warning => warning.Contains("'nobody'", StringComparison.Ordinal));
            Assert.Single(log.Warnings, warning => warning.Contains("''", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string[]> LinesAsync(TestSupervisor test, string worker, int count)
    {
        for (var i = 0; i < 1_500; i++)
        {
            var lines = (await test.Supervisor.TailAsync(worker, 50, Cancelled)).Select(line => line.Text).ToArray();
            if (lines.Length >= count)
            {
                return lines;
            }

            await Task.Delay(20, Cancelled);
        }

        throw new TimeoutException($"Worker {worker} has not got {count} messages.");
    }

    private sealed class WarningLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Warnings { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Warnings.Enqueue(formatter(state, exception));
            }
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
