using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Diagnostics;
using Starling.Apps.Cache.Routing;
using Starling.Messaging;

namespace Starling.Apps.Cache.Console;

/// <summary>What the one who runs the cache types, and what he reads.</summary>
/// <param name="router">Carries it out.</param>
/// <param name="maxBackground">How many grabs in the background there may be; one more waits, so that a long list that is pasted is not refused.</param>
/// <param name="logger">Where to log.</param>
internal sealed class ServerConsole(Router router, int maxBackground, ILogger logger)
{
    private const string Help = """
        grab URL [&]     get a resource and keep it; with & the next command need not wait
        get N [> FILE]   show an entry, or write its body to a new file
        list             name all entries
        delete [N]       delete an entry, or all
        stats            show figures, and how the services are
        stop             end everything
        """;

    private readonly ConcurrentDictionary<Task, byte> _background = new();
    private readonly SemaphoreSlim _room = new(maxBackground);

    /// <summary>Handles a line.</summary>
    /// <returns>Whether to go on.</returns>
    public async Task<bool> HandleAsync(string line, TextWriter output, CancellationToken cancellationToken)
    {
        try
        {
            switch (CommandParser.Parse(line))
            {
                case ConsoleCommand.Grab { IsInBackground: true } grab:
                    await _room.WaitAsync(cancellationToken);
                    Remember(GrabInBackgroundAsync(grab.Url, output));
                    return true;
                case ConsoleCommand.Grab grab:
                    await GrabAsync(grab.Url, output, cancellationToken);
                    return true;
                case ConsoleCommand.Get get:
                    await GetAsync(get, output, cancellationToken);
                    return true;
                case ConsoleCommand.ShowList:
                    await output.WriteLineAsync(EntryText.List(await router.ListAsync(cancellationToken)));
                    return true;
                case ConsoleCommand.Delete { Number: { } number }:
                    await router.DeleteAsync(number, cancellationToken);
                    await output.WriteLineAsync($"deleted {number}");
                    return true;
                case ConsoleCommand.Delete:
                    await output.WriteLineAsync($"deleted all: {await router.ClearAsync(cancellationToken)}");
                    return true;
                case ConsoleCommand.Stats:
                    await output.WriteLineAsync(StatisticsText.Of(await router.StatisticsAsync(cancellationToken)));
                    return true;
                case ConsoleCommand.Help:
                    await output.WriteLineAsync(Help);
                    return true;
                case ConsoleCommand.Stop:
                    return false;
                default:
                    return true;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            await output.WriteLineAsync("error: " + Explain(line, e));
            return true;
        }
    }

    private async Task GrabAsync(string url, TextWriter output, CancellationToken cancellationToken)
    {
        var (entry, isHit) = await router.GrabAsync(url, cancellationToken);
        await output.WriteLineAsync(EntryText.Line(entry) + (isHit ? "  (kept already)" : ""));
    }

    private async Task GrabInBackgroundAsync(string url, TextWriter output)
    {
        try
        {
            await GrabAsync(url, output, CancellationToken.None);
        }
        catch (Exception e) when (router.Closing.IsCancellationRequested && e is (RpcException or IOException or OperationCanceledException))
        {
            // The cache ends, as it was asked to.
        }
        catch (Exception e)
        {
            await output.WriteLineAsync($"error: {TextBody.Harmless(url)}: {Explain($"grab {url} &", e)}");
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>What is wrong, for people. What nobody foresaw is logged whole, and the console goes on.</summary>
    private string Explain(string line, Exception exception)
    {
        if (exception is not (RpcException or IOException or TimeoutException))
        {
            CacheLog.CommandFailed(logger, exception, TextBody.Harmless(line));
        }

        return TextBody.Harmless(exception.Message);
    }

    private void Remember(Task task)
    {
        _background[task] = 0;
        task.ContinueWith(
            done => _background.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task GetAsync(ConsoleCommand.Get get, TextWriter output, CancellationToken cancellationToken)
    {
        await using var opened = await router.OpenAsync(get.Number, cancellationToken);
        if (get.File is { } path)
        {
            await WriteFileAsync(opened, path, cancellationToken);
            await output.WriteLineAsync($"{opened.Entry.Size} bytes written to {TextBody.Harmless(path)}");
        }
        else
        {
            await EntryText.ShowAsync(opened, output, cancellationToken);
        }
    }

    private static async Task WriteFileAsync(OpenedEntry opened, string path, CancellationToken cancellationToken)
    {
        if (Path.Exists(path))
        {
            throw new CacheException(CacheError.StorageFailed, $"{path} exists and is left as it is; choose another name.");
        }

        await using var file = Create(path);
        try
        {
            await opened.Body.CopyToAsync(file, 64 * 1024, cancellationToken);
        }
        catch
        {
            await file.DisposeAsync();
            File.Delete(path);
            throw;
        }
    }

    private static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0, useAsync: true);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CacheException(CacheError.BadCommand, $"'{path}' is no name of a file: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CacheException(CacheError.StorageFailed, $"{path} cannot be written: {e.Message}", e);
        }
    }
}
