namespace Starling.Messaging.Payloads;

/// <summary>Something that the peer keeps open for us until it is read to its end or given up.</summary>
internal interface IHeldByPeer
{
    /// <summary>Tells the peer that nobody will read it. What is being read already is left alone.</summary>
    void GiveUp();
}
