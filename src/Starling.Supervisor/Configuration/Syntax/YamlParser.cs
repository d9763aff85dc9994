using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Starling.Supervisor.Configuration.Syntax;

/// <summary>Reads YAML, whose plain scalars mean what PM2 takes them for (https://yaml.org/spec/1.2.2/#103-core-schema), with anchors and merge keys.</summary>
internal sealed class YamlParser
{
    private const int DeepestNesting = 64;

    /// <summary>Values that a file may have with its aliases replaced. A few lines of aliases of aliases would be more than memory holds.</summary>
    private const int MostValues = 100_000;

    private readonly Parser _events;
    private readonly Dictionary<string, (ConfigNode Node, int Size)> _anchors = [];
    private int _depth;

    private YamlParser(string source) => _events = new Parser(new StringReader(source));

    /// <exception cref="ConfigSyntaxException">The text is not YAML, or has no value.</exception>
    public static ConfigNode Parse(string source)
    {
        try
        {
            return new YamlParser(source).ReadDocument();
        }
        catch (YamlException error)
        {
            throw new ConfigSyntaxException(Reason(error), (int)error.Start.Line, (int)error.Start.Column);
        }
    }

    private static string Reason(YamlException error)
    {
        var message = error.InnerException?.Message ?? error.Message;

        // The place, which the message begins with, is told apart from it.
        var end = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        return end < 0 ? message : message[(end + 3)..];
    }

    private ConfigNode ReadDocument()
    {
        _events.Consume<StreamStart>();
        if (!_events.TryConsume<DocumentStart>(out _))
        {
            throw new ConfigSyntaxException("the file is empty; it needs an object with a list `apps`", 1, 1);
        }

        var (node, _) = ReadValue();
        _events.Consume<DocumentEnd>();
        return _events.TryConsume<DocumentStart>(out var next)
            ? throw new ConfigSyntaxException("a second document begins here; a process file has one", (int)next.Start.Line, (int)next.Start.Column)
            : node;
    }

    private (ConfigNode Node, int Size) ReadValue()
    {
        var start = (_events.Current ?? throw new YamlException("a value is expected")).Start;
        if (_events.TryConsume<AnchorAlias>(out var alias))
        {
            return _anchors.TryGetValue(alias.Value.Value, out var known)
                ? known
                : throw new ConfigSyntaxException($"there is no anchor &{alias.Value.Value} before *{alias.Value.Value}", (int)start.Line, (int)start.Column);
        }

        if (++_depth > DeepestNesting)
        {
            throw new ConfigSyntaxException($"values are nested deeper than {DeepestNesting} levels", (int)start.Line, (int)start.Column);
        }

        var anchor = (_events.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        var read = _events.TryConsume<Scalar>(out var scalar) ? (Of(scalar), 1)
            : _events.TryConsume<SequenceStart>(out _) ? ReadList(start)
            : ReadObject(start);
        _depth--;
        if (read.Item2 > MostValues)
        {
            throw new ConfigSyntaxException($"with its aliases replaced the file has more than {MostValues} values", (int)start.Line, (int)start.Column);
        }

        if (!anchor.IsEmpty)
        {
            _anchors[anchor.Value] = read;
        }

        return read;
    }

    private (ConfigNode Node, int Size) ReadList(Mark start)
    {
        var items = new List<ConfigNode>();
        var size = 1;
        while (!_events.TryConsume<SequenceEnd>(out _))
        {
            var (item, part) = ReadValue();
            items.Add(item);
            size += part;
        }

        return (new ConfigNode { Kind = ConfigNodeKind.List, Line = (int)start.Line, Column = (int)start.Column, Items = items }, size);
    }

    private (ConfigNode Node, int Size) ReadObject(Mark start)
    {
        _events.Consume<MappingStart>();
        var members = new List<ConfigMember>();
        var merged = new List<ConfigMember>();
        var size = 1;
        while (!_events.TryConsume<MappingEnd>(out _))
        {
            var key = _events.Consume<Scalar>();
            var (value, part) = ReadValue();
            size += part;
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
            {
                merged.AddRange((value.Kind is ConfigNodeKind.List ? value.Items : [value]).SelectMany(node => node.Members));
                continue;
            }

            if (members.Any(member => member.Key == key.Value))
            {
                throw new ConfigSyntaxException($"the key \"{key.Value}\" is there twice", (int)key.Start.Line, (int)key.Start.Column);
            }

            members.Add(new ConfigMember(key.Value, value, (int)key.Start.Line, (int)key.Start.Column));
        }

        // What the object itself says counts before what is merged into it, and the first of those before the others.
        members.AddRange(merged.DistinctBy(member => member.Key).Where(member => members.All(own => own.Key != member.Key)).ToArray());
        return (new ConfigNode { Kind = ConfigNodeKind.Object, Line = (int)start.Line, Column = (int)start.Column, Members = members }, size);
    }

    private static ConfigNode Of(Scalar scalar)
    {
        var (line, column) = ((int)scalar.Start.Line, (int)scalar.Start.Column);
        var isPlain = scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.Value != "tag:yaml.org,2002:str");
        return scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" when isPlain => new ConfigNode { Kind = ConfigNodeKind.Null, Line = line, Column = column },
            "true" or "True" or "TRUE" when isPlain => new ConfigNode { Kind = ConfigNodeKind.Flag, Line = line, Column = column, Flag = true },
            "false" or "False" or "FALSE" when isPlain => new ConfigNode { Kind = ConfigNodeKind.Flag, Line = line, Column = column },
            var text when isPlain && TryNumber(text, out var number) => new ConfigNode { Kind = ConfigNodeKind.Number, Line = line, Column = column, Number = number },
            var text => new ConfigNode { Kind = ConfigNodeKind.Text, Line = line, Column = column, Text = text },
        };
    }

    private static bool TryNumber(string text, out double number)
    {
        number = 0;
        if (text.StartsWith("0x", StringComparison.Ordinal) && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal))
        {
            number = hexadecimal;
            return true;
        }

        return (char.IsAsciiDigit(text[0]) || (text[0] is '-' or '+' or '.' && text.Length > 1))
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);
    }
}
