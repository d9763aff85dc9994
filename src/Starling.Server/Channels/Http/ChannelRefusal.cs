namespace Starling.Server.Channels.Http;

/// <summary>Ends the handling of a request with an entry of the catalogue.</summary>
internal sealed class ChannelRefusal(ChannelError error, string? detail = null) : Exception(detail ?? error.Title)
{
    public ChannelError Error { get; } = error;

    public string? Detail { get; } = detail;
}
