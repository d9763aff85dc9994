using Starling.Messaging.Text;

namespace Starling.Messaging.Tests.Streams;

public sealed class TextTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Texts => new()
    {
        { "gbk", "汉字编码，一个字两个字节 mixed with ASCII 。" },
        { "gb18030", "汉字 😀 四个字节" },
        { "big5", "漢字編碼，許功蓋" },
        { "shift_jis", "日本語ソ表ー、ｶﾀｶﾅ" },
        { "latin1", "Grüße, ça va? ñ" },
        { "utf-8", "aé漢😀" },
        { "utf-16", "aé漢😀" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Characters_survive_every_way_to_cut_their_bytes(string name, string text)
    {
        var encoding = TextStreams.GetEncoding(name);
        var bytes = encoding.GetBytes(string.Concat(Enumerable.Repeat(text, 3)));
        for (var size = 1; size <= 7; size++)
        {
            Assert.Equal(string.Concat(Enumerable.Repeat(text, 3)), await ReadAsync(new CutStream(bytes, size), encoding));
        }
    }

    [Fact]
    public async Task They_survive_a_link_too()
    {
        var text = string.Concat(Enumerable.Repeat("汉x字", 50_000));
        await using var service = await RunningService.StartAsync("tcp", more: services => services.Add(
            "read", async (Stream stream) => await ReadAsync(stream, TextStreams.GetEncoding("gbk"))));
        Assert.Equal(text, await service.Client.InvokeAsync<string>("read", [new CutStream(TextStreams.GetEncoding("gbk").GetBytes(text), 777)], null, Stop));
    }

    [Fact]
    public async Task Half_a_character_at_the_end_is_replaced()
    {
        var bytes = TextStreams.GetEncoding("utf-8").GetBytes("aé")[..^1];
        Assert.Equal("a\uFFFD", await ReadAsync(new MemoryStream(bytes), TextStreams.GetEncoding("utf-8")));
        Assert.Throws<ArgumentException>(() => TextStreams.GetEncoding("no-such-encoding"));
    }

    private static async Task<string> ReadAsync(Stream stream, System.Text.Encoding encoding)
    {
        var text = new System.Text.StringBuilder();
        await foreach (var piece in stream.ReadTextAsync(encoding))
        {
            text.Append(piece);
        }

        return text.ToString();
    }

    /// <summary>Gives its bytes in pieces of one size.</summary>
    private sealed class CutStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
