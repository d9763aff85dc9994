using System.CommandLine;
using System.Net.Sockets;
using Starling.Apps.Cache;
using Starling.Messaging;

namespace Starling.Host.Commands;

/// <summary><c>starling apps cache</c>: a cache of web resources, run from its console; and one service of it.</summary>
internal static class CacheCommand
{
    private const int Failed = 1;

    public static Command Create()
    {
        var options = new CacheCommandOptions();
        var command = new Command("cache", "Fetch web resources and keep them. Its services run as threads, as processes or on several machines.");
        foreach (var option in options.All)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => parsed.GetValue(options.Service) is { } role
            ? ServeAsync(role, parsed, options, cancellationToken)
            : RunAsync(parsed, options, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CacheCommandOptions options, CancellationToken cancellationToken)
    {
        try
        {
            options.Check(parsed);
            using var logging = Logging();
            await using var cache = await CacheServer.StartAsync(options.Read(parsed, logging), cancellationToken);
            Console.WriteLine(Banner(parsed.GetValue(options.Run), cache));
            await ConsoleAsync(cache, cancellationToken);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception exception) when (exception is IOException or SocketException or UnauthorizedAccessException or FormatException)
        {
            await Console.Error.WriteLineAsync($"The cache cannot be opened: {exception.Message}");
            return Failed;
        }
    }

    private static async Task ConsoleAsync(CacheServer cache, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(cache, ending.Token);
        await Task.WhenAny(cache.Stopped, Task.Delay(Timeout.Infinite, cancellationToken), reading);
        if (reading.IsCompleted)
        {
            await reading;

            if (!cache.Stopped.IsCompleted && ConsoleLines.GoOnWithoutInput("cache"))
            {
                await cache.Stopped.WaitAsync(cancellationToken);
            }
        }

        await ending.CancelAsync();
    }

    private static async Task ReadAsync(CacheServer cache, CancellationToken cancellationToken)
    {
        await foreach (var line in ConsoleLines.Read().ReadAllAsync(cancellationToken))
        {
            if (!await cache.ConsoleAsync(line, Console.Out, cancellationToken))
            {
                return;
            }
        }
    }

    private static async Task<int> ServeAsync(string role, ParseResult parsed, CacheCommandOptions options, CancellationToken cancellationToken)
    {
        var isAttached = parsed.GetValue(options.Attached);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            options.Check(parsed);
            if (parsed.GetValue(options.Connect) is not { } address)
            {
                throw new FormatException("A service must know where main is: --connect tcp://host:port, or unix:///path.");
            }

            using var logging = Logging();
            var serving = CacheService.RunAsync(
                role,
                parsed.GetValue(options.Name),
                address,
                options.Folder(parsed),
                Environment.GetEnvironmentVariable(CacheService.KeyVariable),
                isAttached,
                logging,
                ending.Token);

            // What is wrong with the options has been said by then.
            if (isAttached)
            {
                _ = EndWithInputAsync(ending);
            }
            else
            {
                Console.WriteLine($"{role} serves {address}. Ctrl-C ends it.");
            }

            await serving;
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception exception) when (exception is IOException or RpcException or TimeoutException or FormatException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The {role} service {(exception is FormatException ? "cannot start" : "has ended")}: {exception.Message}");
            return Failed;
        }
    }

    /// <summary>Main holds the other end: when it goes, however it goes, the input ends.</summary>
    private static async Task EndWithInputAsync(CancellationTokenSource ending)
    {
        await Task.Factory.StartNew(
            () =>
            {
                while (Console.In.Read() >= 0)
                {
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await ending.CancelAsync();
    }

    private static string Banner(RunMode run, CacheServer cache)
    {
        var services = run == RunMode.Threads ? "Services are threads" : $"Services find main at {cache.Address}";
        return cache.Http is { } http ? $"{services}; HTTP at http://{http}/. Type help for the commands." : $"{services}. Type help for the commands.";
    }

    // Large resources fill its queues, as they should; what else it has to say of services is said by main.
    private static ILoggerFactory Logging() => ConsoleLog.Create(builder => builder.AddFilter("Starling.Messaging", LogLevel.Error));
}
