using System.Buffers;
using System.Collections.Immutable;

namespace Starling.Ot.Json;

/// <summary>An object of many members; finding and changing one cost time logarithmic in their number.</summary>
internal sealed class JsonWideMap : JsonTreeMap
{
    // Keys that are array indexes lie below zero in their order, the others above in the order in which they came.
    private readonly ImmutableDictionary<string, long> _places;
    private readonly ImmutableSortedDictionary<long, KeyValuePair<string, JsonTree>> _members;
    private readonly long _next;

    // All members with a comma behind each; worked out when it is first asked for, and kept up from then on.
    private long _membersLength;

    private JsonWideMap(
        ImmutableDictionary<string, long> places, ImmutableSortedDictionary<long, KeyValuePair<string, JsonTree>> members, long next,
        long membersLength = 0)
    {
        _membersLength = membersLength;
        _places = places;
        _members = members;
        _next = next;
    }

    public override int Count => _members.Count;

    internal override long EncodedLength => Count == 0 ? 2 : 1 + MembersLength;

    private long MembersLength => _membersLength > 0 ? _membersLength : _membersLength = _members.Sum(member => 1 + EncodedLengthOf(member.Value));

    public static new JsonWideMap Of(List<KeyValuePair<string, JsonTree>> members)
    {
        var places = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        var ordered = ImmutableSortedDictionary.CreateBuilder<long, KeyValuePair<string, JsonTree>>();
        var next = 0L;
        foreach (var member in members)
        {
            var place = Place(member.Key, ref next);
            places.Add(member.Key, place);
            ordered.Add(place, member);
        }

        return new JsonWideMap(places.ToImmutable(), ordered.ToImmutable(), next);
    }

    public override IEnumerable<KeyValuePair<string, JsonTree>> Members() => _members.Values;

    public override JsonTree? Find(string key) => _places.TryGetValue(key, out var place) ? _members[place].Value : null;

    public override JsonTreeMap Set(string key, JsonTree value)
    {
        var member = new KeyValuePair<string, JsonTree>(key, value);
        if (_places.TryGetValue(key, out var place))
        {
            return new JsonWideMap(_places, _members.SetItem(place, member), _next, LengthWith(added: member, removed: _members[place]));
        }

        var next = _next;
        place = Place(key, ref next);
        return new JsonWideMap(_places.Add(key, place), _members.Add(place, member), next, LengthWith(added: member, removed: null));
    }

    public override JsonTreeMap Remove(string key) => _places.TryGetValue(key, out var place)
        ? new JsonWideMap(_places.Remove(key), _members.Remove(place), _next, LengthWith(added: null, removed: _members[place])) : this;

    public override void WriteTo(IBufferWriter<byte> output)
    {
        var isFirst = true;
        foreach (var (_, member) in _members)
        {
            WriteMember(output, member, isFirst);
            isFirst = false;
        }

        output.Write(isFirst ? "{}"u8 : "}"u8);
    }

    private long LengthWith(KeyValuePair<string, JsonTree>? added, KeyValuePair<string, JsonTree>? removed) => _membersLength == 0 ? 0
        : _membersLength + (added is { } more ? 1 + EncodedLengthOf(more) : 0) - (removed is { } less ? 1 + EncodedLengthOf(less) : 0);

    private static long Place(string key, ref long next) => CanonicalJson.IsIndex(key, out var index) ? index - uint.MaxValue : next++;
}
