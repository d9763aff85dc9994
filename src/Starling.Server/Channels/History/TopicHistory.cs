namespace Starling.Server.Channels.History;

/// <summary>The publications of one topic that are still kept, oldest first. Guarded by the lock of the whole history.</summary>
internal sealed class TopicHistory(string topic)
{
    public string Topic { get; } = topic;

    public PublicationList Publications { get; } = new();

    /// <summary>The last publication of each epoch that was forgotten.</summary>
    public OffsetTable Forgotten { get; } = new();

    /// <summary>The place of the last publication that was forgotten.</summary>
    public long ForgottenSequence { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Its place among the topics without publications, while it has none.</summary>
    public LinkedListNode<TopicHistory>? Emptied { get; set; }

    public void Add(Publication publication)
    {
        Publications.Add(publication);
        Bytes += publication.Size;
    }

    /// <summary>Takes the oldest one out.</summary>
    public Publication RemoveOldest()
    {
        var oldest = Publications.RemoveOldest();
        Bytes -= oldest.Size;
        Forgotten.Advance(oldest.Epoch, oldest.Offset);
        ForgottenSequence = oldest.Sequence;
        return oldest;
    }
}
