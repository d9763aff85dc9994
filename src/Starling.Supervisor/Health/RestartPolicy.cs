using System.Globalization;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Health;

/// <summary>
/// Decides what becomes of a process that ended although nobody asked for it, by the rules of PM2. It remembers former ends; a worker that is started by request begins with a new one.
/// Not safe for use by several threads.
/// </summary>
public sealed class RestartPolicy
{
    /// <summary>Longest wait of a back-off that grows.</summary>
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(15);

    /// <summary>Life after which a back-off begins anew.</summary>
    public static readonly TimeSpan StableLife = TimeSpan.FromSeconds(30);

    private readonly AppConfig _app;
    private TimeSpan _backoff;

    /// <summary>Makes one.</summary>
    public RestartPolicy(AppConfig app)
    {
        ArgumentNullException.ThrowIfNull(app);
        _app = app;
    }

    /// <summary>Ends in a row before the shortest stable life was over.</summary>
    public int UnstableRestarts { get; private set; }

    /// <summary>Decides.</summary>
    /// <param name="code">Exit code; null when a signal ended it.</param>
    /// <param name="signal">Signal that ended it, such as <c>SIGSEGV</c>; null for none.</param>
    /// <param name="uptime">How long it lived.</param>
    public RestartDecision Exited(int? code, string? signal, TimeSpan uptime)
    {
        var how = signal is not null ? $"ended by {signal}" : $"exited with code {code ?? 0}";
        if (code is { } exit && signal is null && _app.StopExitCodes.Contains(exit))
        {
            return Stopped($"{how}, after which it is not started again (stop_exit_codes)");
        }

        if (!_app.AutoRestart)
        {
            return Stopped($"{how}, and is not started again (autorestart is false)");
        }

        var after = $"{how} after {Shown(uptime)}";
        UnstableRestarts = uptime < _app.MinUptime ? UnstableRestarts + 1 : 0;
        if (UnstableRestarts >= _app.MaxRestarts)
        {
            var times = UnstableRestarts;
            UnstableRestarts = 0;
            _backoff = TimeSpan.Zero;
            return new RestartDecision(RestartAction.Errored, TimeSpan.Zero, $"{after}; given up after {times} ends in a row within {Shown(_app.MinUptime)} (max_restarts {_app.MaxRestarts}, min_uptime)");
        }

        var delay = Delay(uptime);
        return new RestartDecision(RestartAction.Restart, delay, delay > TimeSpan.Zero ? $"{after}; started again in {Shown(delay)}" : $"{after}; started again");
    }

    private static RestartDecision Stopped(string reason) => new(RestartAction.Stopped, TimeSpan.Zero, reason);

    private static string Shown(TimeSpan time) => time.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms")
        : time.TotalHours < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s") : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h");

    private TimeSpan Delay(TimeSpan uptime)
    {
        if (_app.ExpBackoffRestartDelay is not { } first)
        {
            return _app.RestartDelay;
        }

        if (uptime > StableLife || _backoff == TimeSpan.Zero)
        {
            _backoff = first;
        }
        else
        {
            var grown = TimeSpan.FromMilliseconds(Math.Floor(_backoff.TotalMilliseconds * 1.5));
            _backoff = grown < LongestBackoff ? grown : LongestBackoff;
        }

        return _backoff;
    }
}
