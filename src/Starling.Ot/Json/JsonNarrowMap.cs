using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>An object of few members.</summary>
internal sealed class JsonNarrowMap(KeyValuePair<string, JsonTree>[] members) : JsonTreeMap
{
    private long _encodedLength;

    public override int Count => members.Length;

    internal override long EncodedLength => _encodedLength > 0 ? _encodedLength : _encodedLength = Measure();

    public override IEnumerable<KeyValuePair<string, JsonTree>> Members() => members;

    public override JsonTree? Find(string key) => IndexOf(key) is >= 0 and var index ? members[index].Value : null;

    public override JsonTreeMap Set(string key, JsonTree value)
    {
        var index = IndexOf(key);
        if (index < 0)
        {
            return Of([.. members, new(key, value)]);
        }

        var changed = members.AsSpan().ToArray();
        changed[index] = new(key, value);
        return new JsonNarrowMap(changed);
    }

    public override JsonTreeMap Remove(string key) =>
        IndexOf(key) is >= 0 and var index ? new JsonNarrowMap([.. members[..index], .. members[(index + 1)..]]) : this;

    public override void WriteTo(IBufferWriter<byte> output)
    {
        for (var i = 0; i < members.Length; i++)
        {
            WriteMember(output, members[i], isFirst: i == 0);
        }

        output.Write(members.Length == 0 ? "{}"u8 : "}"u8);
    }

    private long Measure()
    {
        var length = 2L + Math.Max(0, members.Length - 1);
        foreach (var member in members)
        {
            length += EncodedLengthOf(member);
        }

        return length;
    }

    private int IndexOf(string key)
    {
        for (var i = 0; i < members.Length; i++)
        {
            if (members[i].Key == key)
            {
                return i;
            }
        }

        return -1;
    }
}
