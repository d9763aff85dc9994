using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Starling.Supervisor.Configuration.Syntax;

/// <summary>A value of a process file, or of the command line (then without a position), that knows where it stands.</summary>
internal sealed class ConfigNode
{
    public required ConfigNodeKind Kind { get; init; }

    /// <summary>Line, from 1; 0 where there is none to name.</summary>
    public int Line { get; init; }

    public int Column { get; init; }

    public bool Flag { get; init; }

    public double Number { get; init; }

    public string Text { get; init; } = "";

    public IReadOnlyList<ConfigNode> Items { get; init; } = [];

    public IReadOnlyList<ConfigMember> Members { get; init; } = [];

    /// <summary>Whether it was typed at the command line, where numbers and flags are texts too.</summary>
    public bool Typed { get; init; }

    public static ConfigNode OfTyped(string text) => new() { Kind = ConfigNodeKind.Text, Text = text, Typed = true };

    /// <summary>What a script would see if this were turned to a string: texts as they are, numbers and flags in their shortest form, the rest as JSON.</summary>
    public string AsVariable() => Kind switch
    {
        ConfigNodeKind.Text => Text,
        ConfigNodeKind.Flag => Flag ? "true" : "false",
        ConfigNodeKind.Number => NumberText(Number),
        _ => AsJson(),
    };

    /// <summary>The value as JSON on one line.</summary>
    public string AsJson()
    {
        var json = new StringBuilder();
        Write(json);
        return json.ToString();
    }

    /// <summary>The value as a message shows it: as JSON, cut short.</summary>
    public string Shown()
    {
        var json = AsJson();
        return json.Length <= 60 ? json : string.Concat(json.AsSpan(0, 57), "...");
    }

    private static string NumberText(double number) =>
        Math.Abs(number) < 1e15 && number == Math.Truncate(number)
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);

    private static void WriteText(StringBuilder json, string text) =>
        json.Append('"').Append(JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString()).Append('"');

    private void Write(StringBuilder json)
    {
        switch (Kind)
        {
            case ConfigNodeKind.Null:
                json.Append("null");
                break;
            case ConfigNodeKind.Flag:
                json.Append(Flag ? "true" : "false");
                break;
            case ConfigNodeKind.Number:
                json.Append(NumberText(Number));
                break;
            case ConfigNodeKind.Text:
                WriteText(json, Text);
                break;
            case ConfigNodeKind.List:
                json.Append('[');
                for (var i = 0; i < Items.Count; i++)
                {
                    json.Append(i == 0 ? "" : ",");
                    Items[i].Write(json);
                }

                json.Append(']');
                break;
            default:
                json.Append('{');
                for (var i = 0; i < Members.Count; i++)
                {
                    json.Append(i == 0 ? "" : ",");
                    WriteText(json, Members[i].Key);
                    json.Append(':');
                    Members[i].Value.Write(json);
                }

                json.Append('}');
                break;
        }
    }
}
