using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Starling.Messaging.Text;

/// <summary>Text of any encoding out of bytes that come in pieces: a character that is cut in two by a border between pieces comes out whole.</summary>
public static class TextStreams
{
    private const int BlockSize = 16 * 1024;

    /// <summary>Finds an encoding, also those that .NET does not offer by itself: GBK, Big5, Shift-JIS and the other code pages.</summary>
    /// <param name="name">Its name, such as <c>gbk</c>, <c>big5</c>, <c>shift_jis</c>, <c>latin1</c>, <c>utf-8</c>.</param>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static Encoding GetEncoding(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
    }

    /// <summary>Reads a stream as text, piece by piece.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="encoding">Their encoding. What is not valid in it becomes its replacement, usually U+FFFD.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Pieces of text; none is empty, and none ends within a character.</returns>
    public static async IAsyncEnumerable<string> ReadTextAsync(
        this Stream stream, Encoding encoding, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(encoding);
        var decoder = encoding.GetDecoder();
        var bytes = ArrayPool<byte>.Shared.Rent(BlockSize);
        var chars = ArrayPool<char>.Shared.Rent(encoding.GetMaxCharCount(BlockSize));
        try
        {
            int count;
            do
            {
                count = await stream.ReadAsync(bytes.AsMemory(0, BlockSize), cancellationToken);
                var length = decoder.GetChars(bytes.AsSpan(0, count), chars, flush: count == 0);
                if (length > 0)
                {
                    yield return new string(chars, 0, length);
                }
            }
            while (count > 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<char>.Shared.Return(chars);
        }
    }
}
