namespace Starling.Documents.Presence;

/// <summary>Gets the presences of a channel. Called on the thread of who sends; must be quick and not throw.</summary>
internal interface IPresenceSubscriber
{
    void OnPresence(PresenceMessage message);
}
