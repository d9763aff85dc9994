using Starling.Protocol.Buffers;
using Starling.Server.Backplane;

namespace Starling.Cluster.Wire;

/// <summary>Whole frames.</summary>
internal static class Frames
{
    public static ReadOnlySpan<byte> Number(this PooledBuffer buffer, FrameKind kind, long number)
    {
        buffer.Begin(kind);
        buffer.WriteNumber(number);
        return buffer.End();
    }

    public static ReadOnlySpan<byte> Topic(this PooledBuffer buffer, FrameKind kind, string topic)
    {
        buffer.Begin(kind);
        buffer.WriteText(topic);
        return buffer.End();
    }

    /// <exception cref="NotSupportedException">The kind of message is not known.</exception>
    public static ReadOnlySpan<byte> Message(this PooledBuffer buffer, BackplaneMessage message)
    {
        var kind = MessageKinds.Of(message);
        buffer.Begin(FrameKind.Message);
        buffer.WriteText(message.Topic);
        buffer.WriteByte(kind.Number);
        buffer.WriteFlag(message.Recipient is not null);
        kind.Write(buffer, message);
        return buffer.End();
    }

    public static string ReadTopic(ReadOnlyMemory<byte> content)
    {
        var fields = new FieldReader(content);
        var topic = fields.ReadText();
        fields.End();
        return topic;
    }
}
