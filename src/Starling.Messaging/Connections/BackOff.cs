namespace Starling.Messaging.Connections;

/// <summary>Pauses between attempts: each twice the one before, up to a limit, less a random part so that many do not come at once.</summary>
/// <param name="options">First and longest pause.</param>
/// <param name="random">Gives numbers from 0 to below 1.</param>
internal sealed class BackOff(MessagingOptions options, Func<double> random)
{
    private TimeSpan _next = options.ReconnectDelay;

    public TimeSpan Next()
    {
        var delay = _next * (1 - (random() / 2));
        _next = _next * 2 < options.MaxReconnectDelay ? _next * 2 : options.MaxReconnectDelay;
        return delay;
    }

    /// <summary>Begins anew with the first pause.</summary>
    public void Reset() => _next = options.ReconnectDelay;
}
