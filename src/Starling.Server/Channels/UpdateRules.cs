using System.Globalization;
using System.Text;
using Starling.Protocol.Patterns;

namespace Starling.Server.Channels;

/// <summary>What the protocol forbids in updates and matchers (Mercure, sections "Terminology" and "Publication").</summary>
/// <param name="hubUrl">The hub's URL.</param>
internal sealed class UpdateRules(string hubUrl)
{
    /// <summary>The event type of what the hub itself publishes.</summary>
    public const string HubEventType = "mercure";

    /// <summary>The event id that stands for the beginning of the history.</summary>
    public const string Earliest = "earliest";

    private readonly WebUrl _hub = WebUrl.TryParse(hubUrl, null, out var url)
        ? url!
        : throw new ArgumentException($"'{hubUrl}' is no absolute URL.", nameof(hubUrl));

    /// <summary>What is wrong with an update, or null.</summary>
    public string? Check(Update update)
    {
        if (update.Topics.Count == 0)
        {
            return "An update needs at least one topic.";
        }

        foreach (var topic in update.Topics)
        {
            if (CheckTopic(topic) is { } error)
            {
                return error;
            }
        }

        return CheckId(update.Id) ?? CheckType(update.Type) ?? (update.Retry < 0 ? "The retry time must not be negative." : null);
    }

    /// <summary>Whether a text holds control or format characters, or halves of surrogate pairs, which no name may.</summary>
    public static bool HasForbiddenCharacters(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value < 0x20 || rune.Value is >= 0x7F and <= 0x9F || rune == Rune.ReplacementChar
                || (rune.Value >= 0xAD && Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format))
            {
                return true;
            }
        }

        return false;
    }

    private string? CheckTopic(string topic)
    {
        if (topic.Length == 0)
        {
            return "A topic must not be empty.";
        }

        if (HasForbiddenCharacters(topic))
        {
            return "A topic must not contain control or format characters.";
        }

        if (topic == "*")
        {
            return "The topic '*' is reserved: it is the matcher of all topics.";
        }

        return IsReserved(topic) ? $"Topics under {_hub.Path} are reserved for the hub itself." : null;
    }

    private bool IsReserved(string topic)
    {
        if (!WebUrl.TryParse(topic, _hub, out var url))
        {
            return false;
        }

        var path = url!.NormalizedPath;
        var reserved = _hub.NormalizedPath;
        return path.StartsWith(reserved, StringComparison.Ordinal) && (path.Length == reserved.Length || path[reserved.Length] == '/');
    }

    private static string? CheckId(string? id)
    {
        if (id is null)
        {
            return null;
        }

        if (id.Length == 0 || id[0] == '#' || id == Earliest)
        {
            return $"An id must not be empty, begin with '#' or be '{Earliest}'.";
        }

        return HasForbiddenCharacters(id) ? "An id must not contain control or format characters." : null;
    }

    private static string? CheckType(string? type)
    {
        if (type == HubEventType)
        {
            return $"The type '{HubEventType}' is reserved for events of the hub itself.";
        }

        return type is not null && HasForbiddenCharacters(type) ? "A type must not contain control or format characters." : null;
    }
}
