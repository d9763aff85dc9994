using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Health;

/// <summary>
/// Asks a process again and again whether it is alive. One for each worker that has a check, made when the worker is online and ended (by the token of
/// <see cref="RunAsync"/>) when it stops.
/// </summary>
public sealed partial class LivenessProbe
{
    private readonly LivenessConfig _config;
    private readonly TimeProvider _time;
    private readonly Uri _url;

    /// <summary>Makes one.</summary>
    /// <param name="config">What to ask, and how often.</param>
    /// <param name="environment">Variables of the process, for <c>{NAME}</c> in the address.</param>
    /// <param name="time">Clock of the interval and the time-out.</param>
    /// <exception cref="AppConfigException">The address is none, or names a variable that the process does not have.</exception>
    public LivenessProbe(LivenessConfig config, IReadOnlyDictionary<string, string> environment, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(environment);
        _config = config;
        _time = time;
        var url = Variable().Replace(config.Url, match => environment.TryGetValue(match.Groups[1].Value, out var value)
            ? value
            : throw new AppConfigException($"the address of liveness, {config.Url}, names the variable {match.Groups[1].Value}, which the process does not have: set it by \"env\"", key: "liveness"));
        _url = Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" or "tcp" && (parsed.Scheme != "tcp" || parsed.Port > 0)
            ? parsed
            : throw new AppConfigException($"the address of liveness, {url}, is none: write http://host:port/path or tcp://host:port", key: "liveness");
    }

    /// <summary>Failures in a row at present.</summary>
    public int Failures { get; private set; }

    /// <summary>Asks until it is cancelled.</summary>
    /// <param name="failed">Called with the reason each time when as many checks in a row as the configuration says have failed; they are counted anew then.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Func<string, Task> failed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(failed);

        // One connection per check: a process that accepts no new ones is not alive, whatever an old one says.
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_config.Interval, _time, cancellationToken);
                var reason = await CheckAsync(client, cancellationToken);
                Failures = reason is null ? 0 : Failures + 1;
                if (Failures >= _config.Failures)
                {
                    Failures = 0;
                    await failed($"{_url} did not show that it is alive{(_config.Failures > 1 ? $" {_config.Failures} times in a row" : "")}: {reason}");
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Asks once.</summary>
    /// <returns>Why the check failed; null when it did not.</returns>
    internal async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        return await CheckAsync(client, cancellationToken);
    }

    /// <summary>Why a check failed; null when it did not.</summary>
    private async Task<string?> CheckAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_config.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (_url.Scheme == "tcp")
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(_url.DnsSafeHost, _url.Port, both.Token);
                return null;
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, _url);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            return (int)response.StatusCode < 400 ? null : $"it answered with status {(int)response.StatusCode}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it did not answer within {_config.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            return (error.InnerException ?? error).Message;
        }
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Variable();
}
