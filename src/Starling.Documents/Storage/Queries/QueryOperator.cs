namespace Starling.Documents.Storage.Queries;

/// <summary>How a field is compared. Only values of the same kind (number, text, truth) are less or greater than each other.</summary>
public enum QueryOperator
{
    /// <summary>The same value; null also matches a field that is missing.</summary>
    Equal,

    /// <summary>Another value, or none.</summary>
    NotEqual,

    /// <summary>A smaller value.</summary>
    Less,

    /// <summary>A smaller or the same value.</summary>
    LessOrEqual,

    /// <summary>A greater value.</summary>
    Greater,

    /// <summary>A greater or the same value.</summary>
    GreaterOrEqual,
}
