namespace Starling.Protocol.Patterns;

/// <summary>A part of a component's pattern (URL Pattern Standard, section 2.2).</summary>
/// <param name="Type">What it matches.</param>
/// <param name="Value">The text, or the regular expression.</param>
/// <param name="Modifier">How often: empty for once, else <c>?</c>, <c>*</c> or <c>+</c>.</param>
/// <param name="Prefix">The text before each match.</param>
/// <param name="Suffix">The text after each match.</param>
internal sealed record PatternPart(PatternPartType Type, string Value, string Modifier, string Prefix = "", string Suffix = "");

/// <summary>Types of <see cref="PatternPart"/>.</summary>
internal enum PatternPartType
{
    /// <summary>A text.</summary>
    FixedText,

    /// <summary>A regular expression of the user's.</summary>
    Regexp,

    /// <summary>All up to the next delimiter.</summary>
    SegmentWildcard,

    /// <summary>Everything.</summary>
    FullWildcard,
}
