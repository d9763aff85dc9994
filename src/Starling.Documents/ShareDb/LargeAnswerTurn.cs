namespace Starling.Documents.ShareDb;

/// <summary>The right to prepare and send a large answer; ends with <see cref="Dispose"/>.</summary>
/// <param name="turns">What is released, or null if the answer is small.</param>
internal readonly struct LargeAnswerTurn(SemaphoreSlim? turns) : IDisposable
{
    public void Dispose() => turns?.Release();
}
