namespace Starling.Apps.Cache.Supervision;

/// <summary>One run of a service, as a thread or a process.</summary>
internal interface IServiceRun : IAsyncDisposable
{
    /// <summary>Ends, always well, with the reason when the run has ended.</summary>
    Task<string> Ended { get; }

    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>Ends it at once, without its help.</summary>
    Task KillAsync();
}
