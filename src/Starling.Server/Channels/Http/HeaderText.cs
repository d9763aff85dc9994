namespace Starling.Server.Channels.Http;

/// <summary>Makes any text a valid value of a header: what is not ASCII is percent-encoded.</summary>
internal static class HeaderText
{
    public static string Encode(string text) =>
        text.All(c => c is >= ' ' and < '\x7f') ? text : string.Concat(text.EnumerateRunes().Select(rune =>
            rune.Value is >= ' ' and < 0x7f ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));
}
