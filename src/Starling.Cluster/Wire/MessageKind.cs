using Starling.Protocol.Buffers;
using Starling.Server.Backplane;

namespace Starling.Cluster.Wire;

/// <summary>How one kind of message is written and read.</summary>
/// <param name="Number">The byte that stands for it between nodes.</param>
/// <param name="Type">The record.</param>
/// <param name="Write">Writes its fields, the topic not among them.</param>
/// <param name="Read">Reads them.</param>
internal sealed record MessageKind(byte Number, Type Type, Action<PooledBuffer, BackplaneMessage> Write, MessageKind.Reader Read)
{
    public delegate BackplaneMessage Reader(string topic, ref FieldReader fields);

    public static MessageKind Of<TMessage>(byte number, Action<PooledBuffer, TMessage> write, Reader read)
        where TMessage : BackplaneMessage =>
        new(number, typeof(TMessage), (buffer, message) => write(buffer, (TMessage)message), read);
}
