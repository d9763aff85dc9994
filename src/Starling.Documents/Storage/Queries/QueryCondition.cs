namespace Starling.Documents.Storage.Queries;

/// <summary>One condition on a field.</summary>
/// <param name="Field">Where the value is: the names of the fields that lead to it, from the outermost.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Value">With what.</param>
public sealed record QueryCondition(IReadOnlyList<string> Field, QueryOperator Operator, QueryValue Value);
