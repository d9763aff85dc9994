using Starling.Supervisor.Configuration;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Health;

internal enum RestartAction { Restart, Stop, GiveUp }

internal readonly record struct RestartDecision(RestartAction Action, TimeSpan Delay, string Reason);

internal sealed class RestartPolicy(AppConfig config, TimeProvider time)
{
    public int UnstableRestarts { get; private set; }

    public RestartDecision OnExit(ExitStatus status, TimeSpan uptime)
    {
        _ = time;
        if (!config.AutoRestart || (status.Code is { } code && config.StopExitCodes.Contains(code)))
        {
            return new RestartDecision(RestartAction.Stop, default, $"it ended: {status}");
        }

        UnstableRestarts = uptime < config.MinUptime ? UnstableRestarts + 1 : 0;
        return UnstableRestarts >= config.MaxRestarts
            ? new RestartDecision(RestartAction.GiveUp, default, $"it ended {UnstableRestarts} times in a row within {config.MinUptime.TotalSeconds} s, last with {status}")
            : new RestartDecision(RestartAction.Restart, config.RestartDelay, $"it ended: {status}");
    }
}
