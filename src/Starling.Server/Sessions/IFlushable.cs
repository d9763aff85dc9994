namespace Starling.Server.Sessions;

/// <summary>An item of a <see cref="FlushQueue"/>.</summary>
internal interface IFlushable
{
    /// <summary>Flushes it, on the thread of the flush queue. Must not throw.</summary>
    void FlushNow();
}
