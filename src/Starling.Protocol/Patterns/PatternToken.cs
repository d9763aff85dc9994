namespace Starling.Protocol.Patterns;

/// <summary>A token of a pattern string (URL Pattern Standard, section 2.1).</summary>
/// <param name="Type">What it is.</param>
/// <param name="Index">Where it begins in the pattern.</param>
/// <param name="Value">Its text, without the syntax around it.</param>
internal readonly record struct PatternToken(PatternTokenType Type, int Index, string Value);

/// <summary>Types of <see cref="PatternToken"/>.</summary>
internal enum PatternTokenType
{
    /// <summary><c>{</c></summary>
    Open,

    /// <summary><c>}</c></summary>
    Close,

    /// <summary><c>(…)</c></summary>
    Regexp,

    /// <summary><c>:name</c></summary>
    Name,

    /// <summary>Any other character.</summary>
    Char,

    /// <summary>A character after a backslash.</summary>
    EscapedChar,

    /// <summary><c>?</c> or <c>+</c></summary>
    OtherModifier,

    /// <summary><c>*</c></summary>
    Asterisk,

    /// <summary>The end.</summary>
    End,

    /// <summary>A character that is not valid where it stands; only when the tokenizer is lenient.</summary>
    InvalidChar,
}
