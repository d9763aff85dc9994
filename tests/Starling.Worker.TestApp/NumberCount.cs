namespace Starling.Worker.TestApp;

/// <summary>What came of one node's numbered messages.</summary>
/// <param name="Count">How many.</param>
/// <param name="Last">The newest.</param>
/// <param name="Disorder">How many did not have the number that follows the one before.</param>
public sealed record NumberCount(int Count, int Last, int Disorder)
{
    /// <summary>What it is after another number.</summary>
    public NumberCount With(int number) => new(Count + 1, number, Disorder + (number == Last + 1 ? 0 : 1));
}
