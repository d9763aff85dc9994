using System.Buffers.Text;
using System.Text;
using Starling.LoadGenerator.Connections;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Documents;

/// <summary>
/// Every client writes its documents, one operation under way in each as ShareDB's clients do, some documents at once: a character into the
/// middle of the text and out again. It gets the operations of all others in its documents, in order and without a gap, or the run fails.
/// </summary>
internal sealed class DocumentsWorkload : Workload, IClientProtocol
{
    public const string EndpointPath = "/sharedb";
    public const string Hello = """{"a":"hs","id":null,"protocol":1,"protocolMinor":2}""";

    private readonly RunControl _control;
    private readonly Writer[] _writers;
    private readonly int _atOnce;
    private readonly byte[] _message = new byte[256];
    private uint _random = 12_345;

    /// <param name="control">Says when to stop sending.</param>
    /// <param name="writers">The clients of this loop.</param>
    /// <param name="atOnce">How many of its documents a client writes at once.</param>
    public DocumentsWorkload(RunControl control, Writer[] writers, int atOnce)
    {
        (_control, _writers, _atOnce) = (control, writers, atOnce);
    }

    public override IClientProtocol Protocol => this;

    public string Path => EndpointPath;

    public void Join(Connection connection, ReadOnlySpan<byte> message)
    {
        var writer = _writers[connection.Index];
        if (message.IndexOf("\"a\":\"init\""u8) >= 0 && connection.State == ConnectionState.Opening)
        {
            connection.WriteText(Encoding.UTF8.GetBytes(Hello));
            connection.State = ConnectionState.Joining;
        }
        else if (message.IndexOf("\"a\":\"hs\""u8) >= 0 && writer.Source.Length == 0)
        {
            writer.Source = Encoding.UTF8.GetBytes($"\"src\":\"{Encoding.UTF8.GetString(Text(message, "\"id\":\""u8))}\"");
            foreach (var document in writer.Documents)
            {
                connection.WriteText(Encoding.UTF8.GetBytes($$"""{"a":"s","c":"docs","d":"d{{document}}","v":null}"""));
            }
        }
        else if (message.IndexOf("\"a\":\"s\""u8) >= 0 && message.IndexOf("\"error\""u8) < 0)
        {
            writer.Versions[Document(writer, message)] = Number(message, "\"v\":"u8);
            connection.State = ++writer.Subscribed == writer.Documents.Length ? ConnectionState.Ready : ConnectionState.Joining;
        }
        else
        {
            throw Unexpected(message);
        }
    }

    public override void Start(IReadOnlyList<Connection> connections)
    {
        foreach (var connection in connections)
        {
            var writer = _writers[connection.Index];
            for (var i = 0; i < Math.Min(_atOnce, writer.Documents.Length); i++)
            {
                SendNext(connection, writer);
            }
        }
    }

    public override void Receive(Connection connection, ReadOnlySpan<byte> packet)
    {
        if (packet.IndexOf("\"a\":\"op\""u8) < 0 || packet.IndexOf("\"error\""u8) >= 0)
        {
            throw Unexpected(packet);
        }

        var writer = _writers[connection.Index];
        var document = Document(writer, packet);
        var version = Number(packet, "\"v\":"u8);
        var isOwn = packet.IndexOf(writer.Source) >= 0;
        if (version < writer.Versions[document] && !isOwn)
        {
            // ShareDB sends an operation twice, once as news and once before the acknowledgement of one that was transformed over it.
            return;
        }

        if (version != writer.Versions[document])
        {
            throw new LoadException($"Client {connection.Index} got version {version} of document {document} and waits for {writer.Versions[document]}.");
        }

        writer.Versions[document]++;
        if (!isOwn)
        {
            return;
        }

        if (writer.Sent[document] == 0)
        {
            throw new LoadException($"Client {connection.Index} got an acknowledgement twice: {Encoding.UTF8.GetString(packet)}");
        }

        Complete();
        if (_control.Measuring)
        {
            Latencies.Record(Clock.Now - writer.Sent[document]);
        }

        writer.Sent[document] = 0;
        writer.Free.Enqueue(document);
        if (_control.Phase == RunPhase.Running)
        {
            SendNext(connection, writer);
        }
    }

    /// <summary>Proves, when the loop has ended, that every operation was acknowledged and every client has the same versions.</summary>
    public void RequireComplete(long[] versions)
    {
        foreach (var writer in _writers)
        {
            for (var i = 0; i < writer.Documents.Length; i++)
            {
                var newest = versions[writer.Documents[i]];
                versions[writer.Documents[i]] = newest == 0 ? writer.Versions[i] : newest;
                if (writer.Sent[i] != 0 || (newest != 0 && newest != writer.Versions[i]))
                {
                    throw new LoadException($"Document {writer.Documents[i]}: an operation was not acknowledged, or clients ended at versions {newest} and {writer.Versions[i]}.");
                }
            }
        }
    }

    private void SendNext(Connection connection, Writer writer)
    {
        var document = writer.Free.Dequeue();
        var message = new MessageText(_message);
        message.Add("{\"a\":\"op\",\"c\":\"docs\",\"d\":\"d"u8);
        message.Add(writer.Documents[document]);
        message.Add("\",\"v\":"u8);
        message.Add(writer.Versions[document]);
        message.Add(",\"seq\":"u8);
        message.Add(++writer.Sequence);
        message.Add(",\"x\":{},\"op\":{\"ops\":[{\"retain\":"u8);
        message.Add(1 + Random(DocumentSeed.Length - 2));
        message.Add(writer.Inserted[document] ? "},{\"delete\":1}]}}"u8 : "},{\"insert\":\"x\"}]}}"u8);
        writer.Inserted[document] = !writer.Inserted[document];
        writer.Sent[document] = Clock.Now;
        connection.WriteText(message.Written);
    }

    private long Random(int limit)
    {
        _random = (_random * 1_664_525) + 1_013_904_223;
        return (_random >> 8) % limit;
    }

    private static int Document(Writer writer, ReadOnlySpan<byte> message)
    {
        var number = (int)Number(message, "\"d\":\"d"u8);
        var place = Array.IndexOf(writer.Documents, number);
        return place >= 0 ? place : throw Unexpected(message);
    }

    private static long Number(ReadOnlySpan<byte> message, ReadOnlySpan<byte> name)
    {
        var start = message.IndexOf(name);
        return start >= 0 && Utf8Parser.TryParse(message[(start + name.Length)..], out long number, out _) ? number : throw Unexpected(message);
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> message, ReadOnlySpan<byte> name)
    {
        var start = message.IndexOf(name);
        return start >= 0 ? message[(start + name.Length)..][..message[(start + name.Length)..].IndexOf((byte)'"')] : throw Unexpected(message);
    }

    private ref struct MessageText(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

        public void Add(ReadOnlySpan<byte> text)
        {
            text.CopyTo(_buffer[_length..]);
            _length += text.Length;
        }

        public void Add(long number)
        {
            _ = Utf8Formatter.TryFormat(number, _buffer[_length..], out var digits);
            _length += digits;
        }
    }
}
