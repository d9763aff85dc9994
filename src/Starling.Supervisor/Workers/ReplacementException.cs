namespace Starling.Supervisor.Workers;

/// <summary>A new process could not take the place of the old one, which goes on.</summary>
internal sealed class ReplacementException : Exception
{
    public ReplacementException(string message)
        : base(message)
    {
    }

    public ReplacementException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
