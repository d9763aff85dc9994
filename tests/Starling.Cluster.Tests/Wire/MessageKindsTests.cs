using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Starling.Cluster.Wire;
using Starling.Protocol.Buffers;
using Starling.Server.Backplane;
using Starling.Server.Sockets;

namespace Starling.Cluster.Tests.Wire;

public sealed class MessageKindsTests
{
    [Fact]
    public void Every_record_comes_back_as_it_was() =>
        Prop.ForAll(Messages().ToArbitrary(), message => Assert.Equal(Describe(message), Describe(RoundTrip(message))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Every_kind_of_message_between_nodes_can_be_sent()
    {
        var kinds = typeof(BackplaneMessage).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(BackplaneMessage))).ToList();
        var generated = Gen.Sample(Messages(), 1000).Select(message => message.GetType()).ToHashSet();
        Assert.NotEmpty(kinds);
        Assert.All(kinds, kind => Assert.Contains(kind, generated));
    }

    [Fact]
    public void A_kind_that_is_not_known_is_named()
    {
        var exception = Assert.Throws<NotSupportedException>(() => RoundTrip(new Unheard("topic")));
        Assert.Contains(nameof(Unheard), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_whose_data_are_undefined_comes_back_so()
    {
        var message = (SocketsMessage)RoundTrip(new SocketsMessage("t", "1", [new RemoteSocket("id", [], null, default, default)]));
        Assert.Equal(JsonValueKind.Undefined, message.Sockets[0].Auth.ValueKind);
        Assert.Null(message.Sockets[0].Address);
    }

    [Fact]
    public void A_frame_that_is_cut_or_changed_anywhere_is_read_or_refused_but_nothing_else()
    {
        foreach (var message in Gen.Sample(Messages(), 300))
        {
            var frame = Encode(message);
            var random = new Random(frame.Length);
            for (var i = 0; i < 30; i++)
            {
                var changed = frame[..random.Next(frame.Length + 1)];
                if (changed.Length > 0 && random.Next(2) == 0)
                {
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                }

                try
                {
                    Decode(changed);
                }
                catch (WireException)
                {
                    // As it should be.
                }
            }
        }
    }

    private static BackplaneMessage RoundTrip(BackplaneMessage message) => Decode(Encode(message))!;

    private static byte[] Encode(BackplaneMessage message)
    {
        using var buffer = new PooledBuffer();
        var frame = buffer.Message(message);
        Assert.Equal(frame.Length - 4, BitConverter.ToInt32(frame));
        Assert.Equal((byte)FrameKind.Message, frame[4]);
        return frame[5..].ToArray();
    }

    private static BackplaneMessage? Decode(byte[] content)
    {
        var fields = new FieldReader(content);
        var topic = fields.ReadText();
        if (MessageKinds.Find(fields.ReadByte()) is not { } kind)
        {
            return null;
        }

        var recipient = fields.ReadFlag() ? "this node" : null;
        var message = kind.Read(topic, ref fields);
        fields.End();
        return message with { Recipient = recipient };
    }

    private static string Describe(BackplaneMessage message) => message.GetType().Name + JsonSerializer.Serialize<object>(message, Exact);

    // Lone halves of pairs would all look the same in JSON.
    private static readonly JsonSerializerOptions Exact = new() { Converters = { new Exactly(), new RawJson() } };

    private static Gen<BackplaneMessage> Messages()
    {
        var text = Gen.OneOf(
            Gen.Elements("", "socket.io#/#", "äöü", "日本語", "\ud800", "a\udc00b", "\ud83d\ude00", new string('x', 500), new string('ß', 3000)),
            ArbMap.Default.GeneratorFor<string>().Select(value => value ?? ""));
        var optional = Gen.OneOf(Gen.Constant((string?)null), text.Select(value => (string?)value));
        var bytes = ArbMap.Default.GeneratorFor<byte[]>().Select(value => (ReadOnlyMemory<byte>)value);
        var texts = text.ListOf().Select(list => (IReadOnlyList<string>)[.. list]);
        var attachments = bytes.ListOf().Select(list => (IReadOnlyList<ReadOnlyMemory<byte>>)[.. list]);
        var flag = ArbMap.Default.GeneratorFor<bool>();
        var payload = from array in bytes from items in attachments select new SocketPayload(array, items);
        var selection = from rooms in texts from except in texts select new SocketSelection(rooms, except);
        var json = Gen.Elements("null", "{}", "[1, 2.50]", "\"\\ud800\"", "{ \"a\": \"ü\" }").Select(value => JsonElement.Parse(Encoding.UTF8.GetBytes(value)));
        var socket = from id in text
                     from rooms in texts
                     from address in optional
                     from auth in json
                     from data in json
                     select new RemoteSocket(id, rooms, address, auth, data);
        var sockets = socket.ListOf().Select(list => (IReadOnlyList<RemoteSocket>)[.. list]);
        var number = Gen.Elements(0L, 1, 127, 128, 1 << 20, long.MaxValue / 2);
        var position = Gen.OneOf(Gen.Constant((RecoveryPosition?)null), from o in text from n in number select (RecoveryPosition?)new RecoveryPosition(o, n));
        var positions = (from o in text from n in number select new RecoveryPosition(o, n)).ListOf().Select(list => (IReadOnlyList<RecoveryPosition>)[.. list]);
        var packet = from p in payload
                     from o in position
                     from n in number
                     from f in flag
                     from s in selection
                     from former in texts
                     select new RecoveryPacket(p, o, n, f ? s : null, n, former);
        var packets = packet.ListOf().Select(list => (IReadOnlyList<RecoveryPacket>)[.. list]);
        var session = from id in text
                      from rooms in texts
                      from data in bytes
                      from o in optional
                      from n in number
                      from p in packets
                      from seen in positions
                      select new RecoverySession(id, id, rooms, data, n, n, o, n, 7, p, seen);
        var message = Gen.OneOf(
            from t in text from b in bytes select (BackplaneMessage)new DataMessage(t, b),
            from t in text from p in payload from s in selection from f in flag from id in optional from o in position select (BackplaneMessage)new BroadcastMessage(t, p, s, f, id, o),
            from t in text from id in text from n in ArbMap.Default.GeneratorFor<int>() select (BackplaneMessage)new BroadcastCountMessage(t, id, n),
            from t in text from id in text from p in payload select (BackplaneMessage)new BroadcastAckMessage(t, id, p),
            from t in text from s in selection from r in texts select (BackplaneMessage)new SocketsJoinMessage(t, s, r),
            from t in text from s in selection from r in texts select (BackplaneMessage)new SocketsLeaveMessage(t, s, r),
            from t in text from s in selection from f in flag select (BackplaneMessage)new DisconnectSocketsMessage(t, s, f),
            from t in text from id in text from s in selection select (BackplaneMessage)new FetchSocketsMessage(t, id, s),
            from t in text from id in text from s in sockets select (BackplaneMessage)new SocketsMessage(t, id, s),
            from t in text from p in payload from id in optional select (BackplaneMessage)new ServerSideEmitMessage(t, p, id),
            from t in text from id in text from p in payload select (BackplaneMessage)new ServerSideAckMessage(t, id, p),
            from t in text from id in text from r in text from o in optional from h in number select (BackplaneMessage)new FetchRecoveryMessage(t, id, r, o, r, (int)(h % 100)),
            from t in text from id in text select (BackplaneMessage)new RecoveryUnknownMessage(t, id),
            from t in text from id in text from s in session select (BackplaneMessage)new RecoveryFoundMessage(t, id, s),
            from t in text from id in text from p in packets select (BackplaneMessage)new RecoveryPacketsMessage(t, id, p),
            from t in text from id in text from s in session.ListOf() select (BackplaneMessage)new RecoverySessionsMessage(t, id, [.. s]),
            from t in text from id in text select (BackplaneMessage)new OfferHandOverMessage(t, id),
            from t in text from id in text select (BackplaneMessage)new AcceptHandOverMessage(t, id),
            from t in text from id in text from n in number from d in flag from p in positions select (BackplaneMessage)new HandOverMessage(t, id, t, n, n + 1, d ? n : null, p),
            from t in text from id in text select (BackplaneMessage)new HandOverDoneMessage(t, id));
        return from m in message from r in Gen.Elements(null, "this node") select m with { Recipient = r };
    }

    private sealed record Unheard(string Topic) : BackplaneMessage(Topic);

    private sealed class RawJson : System.Text.Json.Serialization.JsonConverter<JsonElement>
    {
        public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) => writer.WriteStringValue(value.GetRawText());
    }

    private sealed class Exactly : System.Text.Json.Serialization.JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(string.Concat(value.Select(character => ((int)character).ToString("x4", null))));
    }
}
