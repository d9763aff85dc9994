using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Console;
using Starling.Apps.Cache.Diagnostics;
using Starling.Apps.Cache.Routing;
using Starling.Messaging;
using Starling.Server.Hosting;

namespace Starling.Apps.Cache.Http;

/// <summary>Carries out <c>/?command=NAME&amp;options=VALUE</c>.</summary>
internal sealed class HttpCommands(Router router, OriginGuard guard, Action stop, ILogger logger)
{
    private static readonly Dictionary<string, string> Methods = new(StringComparer.Ordinal)
    {
        ["get"] = "GET",
        ["list"] = "GET",
        ["stats"] = "GET",
        ["grab"] = "POST",
        ["delete"] = "POST",
        ["stop"] = "POST",
    };

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            Begin(context.Response);
            await CarryOutAsync(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested)
        {
            CacheLog.AskerGone(logger, e.Message);
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            // The status is out already; only the broken connection can still say that the body is not whole.
            Log(e);
            context.Abort();
        }
        catch (CacheException e)
        {
            await FailAsync(context, StatusOf(e.Error), JsonNamingPolicy.KebabCaseLower.ConvertName(e.Error.ToString()), e.Message);
        }
        catch (Exception e) when (IsForeseen(e))
        {
            Log(e);
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, "service-away", "The cache could not answer; try later.");
        }
        catch (Exception e)
        {
            Log(e);
            await FailAsync(context, StatusCodes.Status500InternalServerError, "internal-error", "The command failed; the log of the cache says why.");
        }
    }

    private static void Begin(HttpResponse response)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
    }

    private static bool IsForeseen(Exception exception) => exception is RpcException or IOException or TimeoutException or OperationCanceledException;

    /// <summary>What can happen at any time, such as the loss of a service, is worth a line; where to look for the rest its stack says.</summary>
    private void Log(Exception exception)
    {
        if (IsForeseen(exception))
        {
            CacheLog.AnswerFailed(logger, exception.Message);
        }
        else
        {
            CacheLog.RequestFailed(logger, exception);
        }
    }

    /// <summary>Answers with an error instead of what was begun, of which no header may stay.</summary>
    private static Task FailAsync(HttpContext context, int status, string error, string message)
    {
        context.Response.Clear();
        Begin(context.Response);
        return RefuseAsync(context, status, error, message);
    }

    private async Task CarryOutAsync(HttpContext context)
    {
        var request = context.Request;
        if (guard.Check(request) is { } reason)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "foreign-origin", reason);
            return;
        }

        if (request.Path != "/")
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "no-such-path", "The commands are at /?command=NAME&options=VALUE");
            return;
        }

        var (command, options) = (request.Query["command"].ToString(), request.Query["options"].ToString());
        if (!Methods.TryGetValue(command, out var method))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "bad-command", Explain(command));
        }
        else if (request.Method != method && !(method == "GET" && HttpMethods.IsHead(request.Method)))
        {
            context.Response.Headers.Allow = method == "GET" ? "GET, HEAD" : method;
            var message = $"'{command}' is asked for with {method}; GET does get, list and stats, POST does grab, delete and stop.";
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "wrong-method", message);
        }
        else
        {
            await CarryOutAsync(context, command, options);
        }
    }

    private Task CarryOutAsync(HttpContext context, string command, string options) => command switch
    {
        "get" => GetAsync(context, CommandParser.Number(options)),
        "list" => ListAsync(context),
        "stats" => StatisticsAsync(context),
        "grab" => GrabAsync(context, options),
        "delete" => DeleteAsync(context, options.Length > 0 ? CommandParser.Number(options) : null),
        _ => StopAsync(context),
    };

    private async Task GetAsync(HttpContext context, long number)
    {
        await using var opened = await router.OpenAsync(number, context.RequestAborted);
        EntryHeaders.Apply(context.Response, opened.Entry);
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await opened.Body.CopyToAsync(context.Response.Body, 64 * 1024, context.RequestAborted);
        }
    }

    private async Task GrabAsync(HttpContext context, string url)
    {
        var (entry, isHit) = await router.GrabAsync(url, context.RequestAborted);
        var status = isHit ? StatusCodes.Status200OK : StatusCodes.Status201Created;
        await AnswerAsync(context, status, EntryAnswer.Of(entry, isHit), AnswerContext.Default.EntryAnswer);
    }

    private async Task ListAsync(HttpContext context)
    {
        var entries = await router.ListAsync(context.RequestAborted);
        await AnswerAsync(context, StatusCodes.Status200OK, [.. entries.Select(entry => EntryAnswer.Of(entry))], AnswerContext.Default.EntryAnswerArray);
    }

    private async Task StatisticsAsync(HttpContext context) => await AnswerAsync(
        context, StatusCodes.Status200OK, await router.StatisticsAsync(context.RequestAborted), AnswerContext.Default.CacheStatistics);

    private async Task DeleteAsync(HttpContext context, long? number)
    {
        var count = 1;
        if (number is { } one)
        {
            await router.DeleteAsync(one, context.RequestAborted);
        }
        else
        {
            count = await router.ClearAsync(context.RequestAborted);
        }

        await AnswerAsync(context, StatusCodes.Status200OK, new DeleteAnswer(count), AnswerContext.Default.DeleteAnswer);
    }

    private async Task StopAsync(HttpContext context)
    {
        await AnswerAsync(context, StatusCodes.Status202Accepted, new StopAnswer(true), AnswerContext.Default.StopAnswer);
        stop();
    }

    private static string Explain(string command) => NearestName.Of(command.ToLowerInvariant(), Methods.Keys) is { } nearest && command.Length > 0
        ? $"There is no command '{command}'; is '{nearest}' meant?"
        : $"A request names a command: /?command=NAME&options=VALUE; there are {string.Join(", ", Methods.Keys)}.";

    private static Task RefuseAsync(HttpContext context, int status, string error, string message) =>
        AnswerAsync(context, status, new ErrorAnswer(error, message), AnswerContext.Default.ErrorAnswer);

    private static async Task AnswerAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);
    }

    private static int StatusOf(CacheError error) => error switch
    {
        CacheError.BadCommand or CacheError.BadUrl => StatusCodes.Status400BadRequest,
        CacheError.PrivateAddress => StatusCodes.Status403Forbidden,
        CacheError.NoEntry => StatusCodes.Status404NotFound,
        CacheError.TooLarge => StatusCodes.Status413PayloadTooLarge,
        CacheError.TimedOut => StatusCodes.Status504GatewayTimeout,
        CacheError.UnknownHost or CacheError.SourceFailed or CacheError.SourceRefused or CacheError.BadRedirect => StatusCodes.Status502BadGateway,
        CacheError.StorageFailed => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}
