namespace Starling.Cluster.Wire;

/// <summary>What a frame between nodes is: the byte after its length. Numbers are never used twice.</summary>
/// <remarks>
/// A frame is its length (4 bytes, little-endian, of all that follows), its kind, its content. Numbers in it are of 7 bits a byte, least
/// significant first, unless said otherwise; texts and bytes have their length in front (<see cref="FieldReader"/>).
/// </remarks>
internal enum FrameKind : byte
{
    /// <summary>The first frame of either side: four letters, version, name of the node.</summary>
    Hello = 1,

    /// <summary>The sender wants the messages of a topic: its name.</summary>
    Subscribe = 2,

    /// <summary>The sender wants them no more: its name.</summary>
    Unsubscribe = 3,

    /// <summary>A number that comes back as soon as all earlier frames are in effect.</summary>
    Synchronize = 4,

    /// <summary>That number.</summary>
    Synchronized = 5,

    /// <summary>A message: topic, kind of message (a byte), whether it is for this node only (a byte), the fields of its kind.</summary>
    Message = 6,
}
