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

    private JsonWideMap(ImmutableDictionary<string, long> places, ImmutableSortedDictionary<long, KeyValuePair<string, JsonTree>> members, long next)
    {
        _places = places;
        _members = members;
        _next = next;
    }

    public override int Count => _members.Count;

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
        if (_places.TryGetValue(key, out var place))
        {
            return new JsonWideMap(_places, _members.SetItem(place, new(key, value)), _next);
        }

        var next = _next;
        place = Place(key, ref next);
        return new JsonWideMap(_places.Add(key, place), _members.Add(place, new(key, value)), next);
    }

    public override JsonTreeMap Remove(string key) =>
        _places.TryGetValue(key, out var place) ? new JsonWideMap(_places.Remove(key), _members.Remove(place), _next) : this;

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

    private static long Place(string key, ref long next) => CanonicalJson.IsIndex(key, out var index) ? index - uint.MaxValue : next++;
}
