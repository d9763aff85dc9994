using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>
/// An object. Its members are in JavaScript's order: keys that are array indexes first, in their order, then the others as they were added.
/// </summary>
internal abstract class JsonTreeMap : JsonTree
{
    // Up to so many members an array is searched and copied faster than a tree.
    protected const int MostInArray = 24;

    public abstract int Count { get; }

    /// <summary>An object of members of which no two have the same key.</summary>
    public static JsonTreeMap Of(List<KeyValuePair<string, JsonTree>> members) =>
        members.Count <= MostInArray ? new JsonNarrowMap([.. CanonicalJson.InOrder(members, static member => member.Key)]) : JsonWideMap.Of(members);

    public abstract JsonTree? Find(string key);

    /// <summary>The same with a member added or changed.</summary>
    public abstract JsonTreeMap Set(string key, JsonTree value);

    /// <summary>The same without a member, if it has it.</summary>
    public abstract JsonTreeMap Remove(string key);

    public abstract IEnumerable<KeyValuePair<string, JsonTree>> Members();

    protected static void WriteMember(IBufferWriter<byte> output, in KeyValuePair<string, JsonTree> member, bool isFirst)
    {
        output.Write(isFirst ? "{"u8 : ","u8);
        JsonText.Write(output, member.Key);
        output.Write(":"u8);
        member.Value.WriteTo(output);
    }

    /// <summary>How many bytes a member is, without a comma.</summary>
    protected static long EncodedLengthOf(in KeyValuePair<string, JsonTree> member) =>
        3 + JsonText.EncodedLength(member.Key) + member.Value.EncodedLength;

    internal override int Depth => 1 + Members().Select(member => member.Value.Depth).DefaultIfEmpty().Max();

    internal override JsonTree? Find(Json0Segment segment) => Find(segment.ToString());

    internal override JsonTree With(Json0Segment segment, JsonTree value) => Set(segment.ToString(), value);
}
