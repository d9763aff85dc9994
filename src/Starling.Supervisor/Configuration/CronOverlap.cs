namespace Starling.Supervisor.Configuration;

/// <summary>What <c>cron_restart</c> does to a process that still runs when its time comes.</summary>
public enum CronOverlap
{
    /// <summary>It is restarted, as in PM2.</summary>
    Restart,

    /// <summary>It is left to finish; the next time counts.</summary>
    Skip,
}
