namespace Starling.Server.Channels.History;

/// <summary>One that reads the history from a position on.</summary>
internal interface IHistoryReader
{
    /// <summary>What it has seen or skipped; moved by reads.</summary>
    Cursor Cursor { get; set; }

    /// <summary>The place in this node's order before which there is nothing new for it; moved by reads.</summary>
    long ScannedThrough { get; set; }

    /// <summary>Whether it takes what there is, so that nothing can be missing.</summary>
    bool WantsEarliest { get; }

    /// <summary>The topics it wants, when it names them all; null when it has patterns.</summary>
    IReadOnlyList<string>? Topics { get; }

    /// <summary>Whether it has not seen a publication. Quick; under the history's lock.</summary>
    bool IsNew(Publication publication);

    /// <summary>Whether it wants a topic.</summary>
    bool WantsTopic(string topic);

    /// <summary>Whether it wants a publication, may see it, and has not seen it.</summary>
    bool Wants(Publication publication);
}
