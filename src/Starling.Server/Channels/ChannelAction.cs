namespace Starling.Server.Channels;

/// <summary>What a client wants to do with topics.</summary>
public enum ChannelAction
{
    /// <summary>Publish to them.</summary>
    Publish,

    /// <summary>Read private updates of them.</summary>
    Subscribe,
}
