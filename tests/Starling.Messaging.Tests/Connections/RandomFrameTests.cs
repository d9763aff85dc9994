using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Connections;

/// <summary>Random damage: whatever comes, the codecs say what is wrong or go on. STARLING_FUZZ_SECONDS makes it longer.</summary>
public sealed class RandomFrameTests
{
    private static readonly string[] Seeds =
    [
        """{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}""",
        """{"jsonrpc":"2.0","id":"a","method":"\u0061dd","params":{"a":1,"b":[{}]}}""",
        """{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"m","data":null},"result":null}""",
        """[{"jsonrpc":"2.0","method":"x"},{"jsonrpc":"2.0","id":1.5e3,"result":{"a":[1,2,3]}}]""",
    ];

    private static TimeSpan Duration => TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("STARLING_FUZZ_SECONDS") ?? "1.5", CultureInfo.InvariantCulture));

    [Fact]
    public void Damaged_frames_are_read_or_refused()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var limits = new FrameLimits(256, 4096);
        var read = 0;
        var refused = 0;
        var end = DateTime.UtcNow + Duration;
        while (DateTime.UtcNow < end)
        {
            var bytes = Damage(random, Frames(random));
            try
            {
                var rest = Cut(random, bytes);
                while (FrameReader.TryRead(ref rest, limits, out var frame, out var missing))
                {
                    Assert.True(missing > 0, $"seed {seed}");
                    read += TryParse(frame.Body.ToArray()) ? 1 : 0;
                }
            }
            catch (FrameException e)
            {
                Assert.NotEqual(FrameError.None, e.Error);
                refused++;
            }
        }

        Assert.True(read > 0 && refused > 0, $"seed {seed}: {read} read, {refused} refused");
    }

    [Fact]
    public void Frames_are_the_same_however_they_are_cut()
    {
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var bytes = Frames(random);
            var whole = Bodies(new ReadOnlySequence<byte>(bytes));
            Assert.Equal(whole, Bodies(Cut(random, bytes)));
            Assert.NotEmpty(whole);
        }
    }

    private static bool TryParse(byte[] json)
    {
        try
        {
            var message = RpcMessage.Parse(json, 64);
            if (message.Kind is RpcMessageKind.Request or RpcMessageKind.Notification)
            {
                _ = message.MethodName();
            }

            return message.Kind != RpcMessageKind.Invalid || message.Problem is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is how the reader refuses text that is no UTF-8 or a broken surrogate.
            return true;
        }
    }

    private static List<string> Bodies(ReadOnlySequence<byte> bytes)
    {
        List<string> bodies = [];
        while (FrameReader.TryRead(ref bytes, new FrameLimits(), out var frame, out _))
        {
            bodies.Add($"{frame.Stream}:{Encoding.UTF8.GetString(frame.Body)}");
        }

        Assert.True(bytes.IsEmpty);
        return bodies;
    }

    private static byte[] Frames(Random random)
    {
        using var output = new MemoryStream();
        Span<byte> header = stackalloc byte[FrameHeader.MaxWritten];
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var body = Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]);
            output.Write(header[..new FrameHeader(body.Length, random.Next(4) == 0 ? random.NextInt64(long.MaxValue) : null).Write(header)]);
            output.Write(body);
        }

        return output.ToArray();
    }

    private static byte[] Damage(Random random, byte[] bytes)
    {
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return random.Next(3) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static ReadOnlySequence<byte> Cut(Random random, byte[] bytes)
    {
        Segment? first = null;
        Segment? last = null;
        for (var start = 0; start < bytes.Length || first is null;)
        {
            var length = Math.Min(bytes.Length - start, random.Next(1, 40));
            last = new Segment(bytes.AsMemory(start, length), last);
            first ??= last;
            start += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
