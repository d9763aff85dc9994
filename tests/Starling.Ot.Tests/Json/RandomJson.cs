using System.Text.Json.Nodes;
using Starling.Ot.Json;

namespace Starling.Ot.Tests.Json;

/// <summary>Random JSON documents, and operations that fit them.</summary>
internal sealed class RandomJson(int seed)
{
    private static readonly string[] Words = ["a", "bc", "", "def", "long words"];
    private static readonly string[] Keys = ["a", "b", "c", "10", "2"];
    private static readonly Json0Type Type = new();

    private readonly Random _random = new(seed);

    public IOtSnapshot Document() =>
        Type.Document(new JsonObject { ["l"] = List(), ["o"] = Map(0), ["t"] = _random.Pick(Words), ["n"] = _random.Next(9) }.ToJsonString());

    public IOtOperation Operation(IOtSnapshot document)
    {
        var result = Type.Operation("[]");
        for (var steps = _random.Next(4); steps > 0; steps--)
        {
            var step = Type.Operation("[" + Component(JsonNode.Parse(OtText.Text(document))!).ToJsonString() + "]");
            result = new Json0Operation([.. ((Json0Operation)result).Components, .. ((Json0Operation)step).Components]);
            document = Type.Apply(document, step);
        }

        return result;
    }

    private JsonObject Component(JsonNode root)
    {
        var (path, parent, node) = (new List<JsonNode?>(), (JsonNode?)null, (JsonNode?)root);
        while (node is JsonArray { Count: > 0 } or JsonObject { Count: > 0 } && (path.Count == 0 || _random.Next(4) > 0))
        {
            parent = node;
            if (parent is JsonArray array)
            {
                var index = _random.Next(array.Count);
                path.Add(index);
                node = array[index];
            }
            else
            {
                var (key, value) = _random.Pick([.. parent.AsObject()]);
                path.Add(key);
                node = value;
            }
        }

        return parent is JsonArray list && _random.Next(2) == 0 ? ListChange(path, list, node) : Change(path, parent, node);
    }

    private JsonObject ListChange(List<JsonNode?> path, JsonArray list, JsonNode? item) => _random.Next(4) switch
    {
        0 => At(path, ("lm", _random.Next(list.Count))),
        1 => At(path, ("ld", item)),
        2 => At(path, ("ld", item), ("li", Value(1))),
        _ => At(path, ("li", Value(1))),
    };

    private JsonObject Change(List<JsonNode?> path, JsonNode? parent, JsonNode? node)
    {
        switch (node)
        {
            case JsonArray { Count: var count } when _random.Next(2) == 0:
                return At([.. path, count], ("li", Value(1)));
            case JsonObject map when _random.Next(2) == 0:
                var key = _random.Pick(Keys);
                return map.TryGetPropertyValue(key, out var old) ? At([.. path, key], ("od", old), ("oi", Value(1))) : At([.. path, key], ("oi", Value(1)));
            case JsonValue value when value.TryGetValue<double>(out _):
                return At(path, ("na", _random.Next(9) - 4));
            case JsonValue value when value.TryGetValue<string>(out var text) && _random.Next(4) > 0:
                var at = _random.Next(text.Length + 1);
                return at < text.Length && _random.Next(2) == 0
                    ? At([.. path, at], ("sd", text.Substring(at, _random.Next(1, text.Length - at + 1)))) : At([.. path, at], ("si", _random.Pick(Words)));
        }

        return parent is JsonArray ? At(path, ("ld", node), ("li", Value(1)))
            : _random.Next(2) == 0 ? At(path, ("od", node)) : At(path, ("od", node), ("oi", Value(1)));
    }

    private static JsonObject At(List<JsonNode?> path, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var component = new JsonObject { ["p"] = new JsonArray([.. path.Select(segment => segment?.DeepClone())]) };
        foreach (var (name, value) in fields)
        {
            component[name] = value?.DeepClone();
        }

        return component;
    }

    private JsonNode? Value(int depth) => _random.Next(depth > 2 ? 4 : 6) switch
    {
        0 => null,
        1 => _random.Next(50),
        2 => _random.Pick(Words),
        3 => true,
        4 => List(depth),
        _ => Map(depth),
    };

    private JsonArray List(int depth = 0) => [.. Enumerable.Range(0, _random.Next(5)).Select(_ => Value(depth + 1))];

    private JsonObject Map(int depth)
    {
        var map = new JsonObject();
        for (var i = _random.Next(4); i > 0; i--)
        {
            map[_random.Pick(Keys)] = Value(depth + 1);
        }

        return map;
    }
}
